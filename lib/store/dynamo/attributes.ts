import type { AttributeValue } from '@aws-sdk/client-dynamodb'

/** A DynamoDB item or map. */
export type Item = Record<string, AttributeValue>

/**
 * Fields whose attribute keeps its version 0.1 name, so that records, conditions and running functions of both versions
 * agree on the same item.
 */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  leader: 'holder',
  previousLeader: 'previousHolder',
  revertedFrom: 'left',
}
const FIELDS = Object.fromEntries(Object.entries(ATTRIBUTES).map(([field, attribute]) => [attribute, field]))

/** The attribute that stores a record's field. */
export const attributeOf = (field: string): string => ATTRIBUTES[field] ?? field

/** Turns a plain value into a DynamoDB attribute: bigint and number ⇄ N, bytes ⇄ B; absent fields are left out. */
export function toAttribute(value: unknown): AttributeValue {
  // The SDK returns plain Uint8Arrays, and a Buffer does not equal one with the same bytes.
  if (value instanceof Uint8Array) return { B: new Uint8Array(value.buffer, value.byteOffset, value.byteLength) }
  if (Array.isArray(value)) return { L: value.map(toAttribute) }
  switch (typeof value) {
    case 'string':
      return { S: value }
    case 'bigint':
    case 'number':
      return { N: String(value) }
    case 'boolean':
      return { BOOL: value }
    case 'object':
      if (value !== null) return { M: toMap(value) }
  }
  throw new TypeError(`${String(value)} cannot be stored`)
}

/** Turns a record into an item. */
export function toItem(record: object): Item {
  return toMap(record, attributeOf)
}

function toMap(value: object, name: (key: string) => string = (key) => key): Item {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, field]) => (field === undefined ? [] : [[name(key), toAttribute(field)]])),
  )
}

/**
 * Turns an attribute into a plain value. Integers become bigint; a record's schema narrows them to number where needed.
 * Accepts bytes as base64, as Lambda delivers stream records.
 */
function fromAttribute(attribute: AttributeValue): unknown {
  if (attribute.S !== undefined) return attribute.S
  if (attribute.N !== undefined) return /^-?\d+$/.test(attribute.N) ? BigInt(attribute.N) : Number(attribute.N)
  if (attribute.B !== undefined) {
    const bytes: Uint8Array | string = attribute.B
    return typeof bytes === 'string' ? new Uint8Array(Buffer.from(bytes, 'base64')) : bytes
  }
  if (attribute.BOOL !== undefined) return attribute.BOOL
  if (attribute.L !== undefined) return attribute.L.map(fromAttribute)
  if (attribute.M !== undefined) return fromMap(attribute.M)
  return undefined
}

/** Turns an item into a record. */
export function fromItem(item: Item): Record<string, unknown> {
  return fromMap(item, (attribute) => FIELDS[attribute] ?? attribute)
}

function fromMap(item: Item, name: (key: string) => string = (key) => key): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([key, attribute]) => [name(key), fromAttribute(attribute)]))
}
