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
  /** Hard end of each call; default 400. */
  readonly timeoutMs?: number
  /** Reads of a table that are asked for within so many ms are one request. Default: each is one. */
  readonly gatherMs?: number
}

/** One table of single items: a strongly consistent read, and the conditional write. */
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
    /** A strongly consistent read; only of `fields` when given. */
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
     * The conditional write; returns the whole new item, or the old one that refused it. A second
     * try that is refused by what the first one wrote was applied: its reply was lost.
     */
    async write(key: string, write: Write<R>): Promise<Written<R>> {
      const { applied, item, repeated } = await update('write', key, write, 'ALL_NEW')
      if (applied || (repeated && item && isResultOf(write, item))) return { applied: true, item: read(item ?? {}) }
      return { applied: false, old: item && read(item) }
    },

    /** The conditional write that asks for nothing back when it is applied. */
    async commit(key: string, write: Write<R>): Promise<{ applied: true } | { applied: false; old: R | undefined }> {
      const { applied, item } = await update('commit', key, write, 'NONE')
      return applied ? { applied } : { applied, old: item && read(item) }
    },
  }
}

/** Whether an item is as a write leaves it; a write that sets nothing leaves no trace to know it by. */
function isResultOf<R extends object>({ set, remove = [] }: Write<R>, item: Item): boolean {
  const fields = Object.entries(toItem(set))
  const written = fields.every(([field, attribute]) => isDeepStrictEqual(item[field], attribute))
  return fields.length > 0 && written && remove.every((field) => item[attributeOf(field)] === undefined)
}

/**
 * Reads the item of a chain, strongly consistent: not older than the moment it is asked for.
 *
 * @throws StoreUnavailableError
 */
export type ReadItem = (key: string) => Promise<Item | undefined>

/** What is read: only `fields` when given, within `timeoutMs`. */
export type ReadOptions = { readonly timeoutMs: number; readonly fields?: readonly string[] | undefined }

/** An answer holds 16 MB at most, and a head with its payload has up to 400 kB. */
const MOST = 25

/** Each read is a request of its own. */
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
 * Reads that are asked for within `gatherMs` are one request: for a process that watches many chains, where
 * requests to DynamoDB are the larger part of all CPU. A read that is left alone, or that DynamoDB leaves out of
 * an answer because of its limits, is a request of its own.
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
