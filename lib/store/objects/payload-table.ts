import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb'
import type { Hash } from '../../protocol/block.ts'
import { CorruptRecordError, withDeadline } from '../errors.ts'
import { MAX_SMALL_BYTES } from '../payload.ts'
import type { ArchivedCommit, CommitFacts, ObjectStore, TableDefinition } from '../stores.ts'

/** The table of small payloads. `id` is number and hash, as in the key of an object. */
export const payloadTable = {
  partitionKey: 'chain',
  sortKey: 'id',
  timeToLive: 'expiresAt',
} as const satisfies TableDefinition

export type PayloadTableOptions = {
  readonly table: string
  /** Bounds each call, in ms. */
  readonly timeoutMs: number
  /** How long an item is kept; default 90. */
  readonly keepDays?: number
  readonly now?: () => number
}

const DAY_S = 86_400
const KEY = /^([^/]+)\/payloads\/(\d{12,}\/0x[0-9a-f]{64})\.json\.zst$/
const FOLDER = /^([^/]+)\/payloads\/(\d{12,}\/)?$/
/** More than the blocks of one number; of all numbers, enough to know that there are any. */
const MOST_LISTED = 100

/**
 * An object store whose small archived payloads are items of a table: a PUT costs as much as eight write units, and
 * most blocks of most chains fit one or two. An item holds the payload, or for a large one the key of its object. Objects
 * that were archived before there was a table stay readable. An item also has who committed the block and when: the
 * table lists the commits.
 *
 * @throws StoreUnavailableError (from each method)
 */
export function withPayloadTable(
  objects: ObjectStore,
  client: DynamoDBClient,
  { table, timeoutMs, keepDays = 90, now = Date.now }: PayloadTableOptions,
): ObjectStore {
  /** Writes an item once: nothing replaces a committed payload. */
  const add = async (
    [, chain = '', id = '']: RegExpExecArray,
    content: { payload: Uint8Array } | { ref: string },
    commit: CommitFacts | undefined,
  ) => {
    const Item: Record<string, AttributeValue> = {
      chain: { S: chain },
      id: { S: id },
      expiresAt: { N: String(Math.floor(now() / 1000) + keepDays * DAY_S) },
      ...('ref' in content ? { ref: { S: content.ref } } : { payload: { B: content.payload } }),
      ...(commit && {
        term: { N: String(commit.term) },
        committedAt: { N: String(commit.committedAt) },
        ...(commit.leader !== undefined && { leader: { S: commit.leader } }),
      }),
    }
    const input = { TableName: table, Item, ConditionExpression: 'attribute_not_exists(id)' }
    await withDeadline<unknown>(
      'put',
      `${table}/${chain}/${id}`,
      timeoutMs,
      (abortSignal) => client.send(new PutItemCommand(input), { abortSignal }),
      (error) => (error instanceof ConditionalCheckFailedException ? {} : undefined),
    )
  }

  const read = async (key: string, [, chain = '', id = '']: RegExpExecArray) => {
    const input = { TableName: table, Key: { chain: { S: chain }, id: { S: id } }, ConsistentRead: true }
    const { Item } = await withDeadline('get', `${table}/${chain}/${id}`, timeoutMs, (abortSignal) =>
      client.send(new GetItemCommand(input), { abortSignal }),
    )
    if (!Item) return objects.get(key)
    if (Item.payload?.B) return new Uint8Array(Item.payload.B)
    if (Item.ref?.S) return objects.get(Item.ref.S)
    throw new CorruptRecordError(`${table}/${chain}/${id}`, 'it has neither a payload nor the key of one')
  }

  const listed = async ([, chain = '', folder = '']: RegExpExecArray) => {
    const input = {
      TableName: table,
      KeyConditionExpression: `#chain = :chain${folder === '' ? '' : ' AND begins_with(#id, :folder)'}`,
      ProjectionExpression: '#id',
      ExpressionAttributeNames: { '#chain': 'chain', '#id': 'id' },
      ExpressionAttributeValues: { ':chain': { S: chain }, ...(folder !== '' && { ':folder': { S: folder } }) },
      ConsistentRead: true,
      Limit: MOST_LISTED,
    }
    const { Items = [] } = await withDeadline('list', `${table}/${chain}/${folder}`, timeoutMs, (abortSignal) =>
      client.send(new QueryCommand(input), { abortSignal }),
    )
    return Items.flatMap(({ id }) => (id?.S === undefined ? [] : [`${chain}/payloads/${id.S}.json.zst`]))
  }

  const { list } = objects
  return {
    async put(key, bytes, how) {
      const match = how?.ifAbsent ? KEY.exec(key) : null
      if (match && bytes.length <= MAX_SMALL_BYTES) return add(match, { payload: bytes }, how?.commit)
      await objects.put(key, bytes, how)
      // Its item names the object it has by itself, so that the list of commits has no hole.
      if (match && how?.commit) await add(match, { ref: key }, how.commit)
    },

    async get(key) {
      const match = KEY.exec(key)
      return match ? read(key, match) : objects.get(key)
    },

    async name(key, of, commit) {
      const match = KEY.exec(key)
      if (!match) return false
      await add(match, { ref: of }, commit)
      return true
    },

    async commits(chain, { below, limit }) {
      const input = {
        TableName: table,
        KeyConditionExpression: '#chain = :chain AND #id < :below',
        ProjectionExpression: '#id, #term, #leader, #committedAt',
        ExpressionAttributeNames: {
          '#chain': 'chain',
          '#id': 'id',
          '#term': 'term',
          '#leader': 'leader',
          '#committedAt': 'committedAt',
        },
        ExpressionAttributeValues: { ':chain': { S: chain }, ':below': { S: folderOf(below) } },
        ScanIndexForward: false,
        Limit: limit,
      }
      const { Items = [] } = await withDeadline('list', `${table}/${chain}`, timeoutMs, (abortSignal) =>
        client.send(new QueryCommand(input), { abortSignal }),
      )
      return Items.flatMap(readCommit)
    },

    ...(list && {
      async list(folder) {
        const match = FOLDER.exec(folder)
        if (!match) return list(folder)
        return [...new Set((await Promise.all([listed(match), list(folder)])).flat())]
      },
    }),
  }
}

const folderOf = (number: bigint) => `${String(number).padStart(12, '0')}/`

/** None for an item of an earlier version, which does not say. */
function readCommit({ id, term, leader, committedAt }: Record<string, AttributeValue>): ArchivedCommit[] {
  const [, number, hash] = /^(\d+)\/(0x[0-9a-f]{64})$/.exec(id?.S ?? '') ?? []
  if (number === undefined || term?.N === undefined || committedAt?.N === undefined) return []
  return [
    {
      number: BigInt(number),
      hash: hash as Hash,
      term: Number(term.N),
      committedAt: Number(committedAt.N),
      ...(leader?.S !== undefined && { leader: leader.S }),
    },
  ]
}
