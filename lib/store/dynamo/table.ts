import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import type { Write, Written } from '../../protocol/write.ts'
import { withDeadline } from '../errors.ts'
import { attributeOf, type Item, toItem } from './attributes.ts'
import { DEFAULT_TIMEOUT_MS } from './client.ts'
import { compileWrite } from './compile-write.ts'

export type StoreOptions = {
  /** Timeout of each call in ms; default 400. */
  readonly timeoutMs?: number
  /** Combines reads of a table issued within so many ms into one request. Default: one request each. */
  readonly gatherMs?: number
}

/** One table of single items: a strongly consistent read and the conditional write. */
export function dynamoTable<R extends object>(
  client: DynamoDBClient,
  table: string,
  read: (item: Item) => R,
  { timeoutMs = DEFAULT_TIMEOUT_MS, gatherMs }: StoreOptions = {},
) {
  const update = async (operation: string, key: string, write: Write<R>, returned: 'ALL_NEW' | 'NONE') => {
    const input = {
      TableName: table,
      Key: { chain: { S: key } },
      ...compileWrite(write),
      ReturnValues: returned,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    }
    return withDeadline<{ applied: boolean; item: Item | undefined; repeated: boolean }>(
      operation,
      `${table}/${key}`,
      timeoutMs,
      async (abortSignal) => {
        const { Attributes } = await client.send(new UpdateItemCommand(input), { abortSignal })
        return { applied: true, item: Attributes, repeated: false }
      },
      (error) => {
        if (!(error instanceof ConditionalCheckFailedException)) return undefined
        return { applied: false, item: error.Item, repeated: (error.$metadata.attempts ?? 1) > 1 }
      },
    )
  }

  return {
    /** A strongly consistent read, of `fields` only when given. */
    reader(fields?: readonly string[]): (key: string) => Promise<R | undefined> {
      const options = { timeoutMs, fields }
      const item =
        gatherMs === undefined
          ? readAlone(client, table, options)
          : readTogether(client, table, { ...options, gatherMs })
      return async (key) => {
        const found = await item(key)
        return found && read(found)
      }
    },

    /**
     * The conditional write; returns the whole new item, or the old one that refused it. When a retry is refused by the
     * result of its first attempt, the write was applied and only its reply was lost.
     */
    async write(key: string, write: Write<R>): Promise<Written<R>> {
      const { applied, item, repeated } = await update('write', key, write, 'ALL_NEW')
      if (applied || (repeated && item && isResultOf(write, item))) return { applied: true, item: read(item ?? {}) }
      return { applied: false, old: item && read(item) }
    },

    /** The conditional write that returns nothing when applied. */
    async commit(key: string, write: Write<R>): Promise<{ applied: true } | { applied: false; old: R | undefined }> {
      const { applied, item } = await update('commit', key, write, 'NONE')
      return applied ? { applied } : { applied, old: item && read(item) }
    },
  }
}

/** Whether an item matches the result of a write; `false` for a write that sets nothing, which leaves no trace. */
function isResultOf<R extends object>({ set, remove = [] }: Write<R>, item: Item): boolean {
  const fields = Object.entries(toItem(set))
  const written = fields.every(([field, attribute]) => isDeepStrictEqual(item[field], attribute))
  return fields.length > 0 && written && remove.every((field) => item[attributeOf(field)] === undefined)
}

/**
 * Reads the item of a chain, strongly consistent: never older than the call.
 *
 * @throws StoreUnavailableError
 */
export type ReadItem = (key: string) => Promise<Item | undefined>

/** Reads only `fields` when given, within `timeoutMs`. */
export type ReadOptions = { readonly timeoutMs: number; readonly fields?: readonly string[] | undefined }

/** The most items per request: a response holds 16 MB at most, and a head with its payload has up to 400 kB. */
const MOST = 25

/** Sends one request per read. */
export function readAlone(client: DynamoDBClient, table: string, { timeoutMs, fields }: ReadOptions): ReadItem {
  const what = { TableName: table, ConsistentRead: true, ...projection(fields) }
  return async (key) => {
    const input = { ...what, Key: { chain: { S: key } } }
    const { Item } = await withDeadline('read', `${table}/${key}`, timeoutMs, (abortSignal) =>
      client.send(new GetItemCommand(input), { abortSignal }),
    )
    return Item
  }
}

/**
 * Combines reads issued within `gatherMs` into one request: for a process that monitors many chains, where DynamoDB
 * requests take most of the CPU. Sends a single read, or one that DynamoDB leaves out because of its limits, as a
 * request of its own.
 */
export function readTogether(
  client: DynamoDBClient,
  table: string,
  options: ReadOptions & { readonly gatherMs: number },
): ReadItem {
  const { timeoutMs, fields, gatherMs } = options
  const what = { ConsistentRead: true, ...projection(fields) }
  const alone = readAlone(client, table, options)

  const fetch = async (keys: readonly string[]): Promise<ReadonlyMap<string, Item | undefined>> => {
    if (keys.length === 1) return new Map()
    const RequestItems = { [table]: { ...what, Keys: keys.map((key) => ({ chain: { S: key } })) } }
    const answer = await withDeadline('read', `${table}/${keys.join()}`, timeoutMs, (abortSignal) =>
      client.send(new BatchGetItemCommand({ RequestItems }), { abortSignal }),
    )
    const leftOut = new Set(answer.UnprocessedKeys?.[table]?.Keys?.map(({ chain }) => chain?.S))
    const found = new Map(answer.Responses?.[table]?.map((item) => [item.chain?.S, item]))
    return new Map(keys.flatMap((key) => (leftOut.has(key) ? [] : [[key, found.get(key)]])))
  }
  let gathering: { readonly keys: Set<string>; readonly items: ReturnType<typeof fetch> } | undefined
  const gather = () => {
    const keys = new Set<string>()
    const items = sleep(gatherMs).then(() => {
      if (gathering?.keys === keys) gathering = undefined
      return fetch([...keys])
    })
    return { keys, items }
  }

  return async (key) => {
    if (gathering === undefined || gathering.keys.size >= MOST) gathering = gather()
    const { keys, items } = gathering
    keys.add(key)
    const read = await items
    return read.has(key) ? read.get(key) : alone(key)
  }
}

function projection(fields: readonly string[] | undefined) {
  return (
    fields && {
      ProjectionExpression: fields.map((_, i) => `#${i}`).join(', '),
      ExpressionAttributeNames: Object.fromEntries(fields.map((field, i) => [`#${i}`, attributeOf(field)])),
    }
  )
}
