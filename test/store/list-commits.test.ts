import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listCommits } from '../../lib/context/list-commits.ts'
import type { Hash } from '../../lib/protocol/block.ts'
import type { HistoryRecord } from '../../lib/protocol/records.ts'
import { archiveKey } from '../../lib/store/archive.ts'
import { dynamoClient } from '../../lib/store/dynamo/client.ts'
import { createTable } from '../../lib/store/dynamo/create-tables.ts'
import { memoryObjects } from '../../lib/store/memory/stores.ts'
import { payloadTable, withPayloadTable } from '../../lib/store/objects/payload-table.ts'
import type { ObjectStore } from '../../lib/store/stores.ts'
import { type Database, dynoxide } from './databases.ts'

const table = 'payloads'
const chain = { id: '901', name: 'devnet' }
let database: Database
let client: DynamoDBClient
let objects: ObjectStore
/** The queries that were sent. */
let queries = 0

const hashOf = (number: number, branch = 0): Hash => `0x${String(branch)}${String(number).padStart(63, '0')}`
const put = (number: number, leader: string | undefined, term: number, branch = 0) =>
  objects.put(archiveKey(chain.id, { number: BigInt(number), hash: hashOf(number, branch) }), new Uint8Array(1), {
    ifAbsent: true,
    commit: { term, committedAt: number * 2_000, ...(leader !== undefined && { leader }) },
  })
const fence = (term: number, node: string, head: number) =>
  ({ what: 'fence', term, node, head: BigInt(head), at: head * 2_000 + 500 }) as HistoryRecord
/** Newest first. */
const history = [fence(3, 'cyd', 296), fence(2, 'bob', 60), fence(1, 'ada', 0)]
const leaderAt = (number: number) =>
  (number > 296 ? ['cyd', 3] : number > 60 ? ['bob', 2] : ['ada', 1]) as [string, number]
const headAt = (number: number) => {
  const [leader, term] = leaderAt(number)
  return {
    number: BigInt(number),
    hash: hashOf(number),
    leader,
    term,
    committedTerm: term,
    committedAt: number * 2_000,
  }
}
const ask = (head: object, records = history) =>
  listCommits({ objects, chain }, { view: { head }, history: records } as never)
const numbers = (blocks: readonly { number: bigint }[] = []) => blocks.map(({ number }) => Number(number))
const down = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, i) => from - i)

beforeAll(async () => {
  database = await dynoxide()
  client = dynamoClient({ endpoint: database.endpoint, timeoutMs: 5_000 })
  await createTable(client, table, payloadTable)
  const open = withPayloadTable(memoryObjects(), client, { table, timeoutMs: 5_000 })
  objects = {
    ...open,
    commits: async (...args) => {
      queries++
      return (await open.commits?.(...args)) ?? []
    },
  }
  for (let number = 1; number <= 300; number++) {
    const [leader, term] = leaderAt(number)
    // What the archiver saw after the fence names no leader.
    await put(number, number === 296 ? undefined : leader, term)
  }
}, 60_000)
afterAll(async () => {
  client.destroy()
  await database.stop()
})

test('the newest sixty with their leaders, and three blocks on each side of an older move', async () => {
  const before = queries
  const listed = await ask(headAt(300))
  expect(queries - before).toBe(2)
  expect(numbers(listed?.newest)).toEqual(down(300, 241))
  expect(listed?.newest.slice(3, 6).map(({ leader, term }) => [leader, term])).toEqual([
    ['cyd', 3],
    ['bob', 2],
    ['bob', 2],
  ])
  expect(numbers(listed?.around)).toEqual(down(63, 58))
  expect(listed?.around.map(({ leader }) => leader)).toEqual(['bob', 'bob', 'bob', 'ada', 'ada', 'ada'])
})

test('a head that is not archived yet is listed, by whom its term says even when the next one has begun', async () => {
  const listed = await ask({ ...headAt(301), leader: 'ada', term: 4 })
  expect(listed?.newest[0]).toEqual({ number: 301n, hash: hashOf(301), leader: 'cyd', term: 3, committedAt: 602_000 })
  expect(numbers(listed?.newest)).toEqual(down(301, 241))
})

test('a move at the edge of the newest blocks is whole', async () => {
  const listed = await ask(headAt(300), [fence(3, 'cyd', 241), ...history.slice(1)])
  expect(numbers(listed?.around)).toEqual([240, 239, ...down(63, 58)])
})

test('after a move back, a number has the block of the highest term, and none above the head', async () => {
  await put(298, 'ada', 5, 1)
  await put(299, 'ada', 5, 1)
  const listed = await ask({ ...headAt(299), hash: hashOf(299, 1), leader: 'ada', term: 5, committedTerm: 5 })
  expect(numbers(listed?.newest).slice(0, 4)).toEqual(down(299, 296))
  expect(listed?.newest.slice(0, 3).map(({ hash, leader }) => [hash, leader])).toEqual([
    [hashOf(299, 1), 'ada'],
    [hashOf(298, 1), 'ada'],
    [hashOf(297), 'cyd'],
  ])
})

test('eight moves at most are looked up; an archive without a list has none', async () => {
  const many = Array.from({ length: 40 }, (_, i) => fence(50 - i, 'ada', 200 - 2 * i))
  const before = queries
  await ask(headAt(300), many)
  expect(queries - before).toBe(9)
  expect(
    await listCommits({ objects: memoryObjects(), chain }, { view: { head: headAt(3) }, history } as never),
  ).toBeUndefined()
})
