import { setTimeout as sleep } from 'node:timers/promises'
import { BatchGetItemCommand, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { withDeadline } from '../deadline.ts'
import { attributeOf, type Item } from './attributes.ts'

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
