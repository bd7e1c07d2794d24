import { randomBytes } from 'node:crypto'
import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Block } from '../../lib/protocol/block.ts'
import type { Head } from '../../lib/protocol/records.ts'
import { archiveKey, chainArchive } from '../../lib/store/archive.ts'
import { dynamoClient } from '../../lib/store/dynamo/client.ts'
import { createTable } from '../../lib/store/dynamo/create-tables.ts'
import { StoreUnavailableError } from '../../lib/store/errors.ts'
import { memoryObjects } from '../../lib/store/memory/stores.ts'
import { payloadTable, withPayloadTable } from '../../lib/store/objects/payload-table.ts'
import { MAX_SMALL_BYTES, packPayload, placePayload } from '../../lib/store/payload.ts'
import type { ObjectStore } from '../../lib/store/stores.ts'
import { blockIn, blockOf, envelopeOf, randomTransactions } from '../gate/payloads.ts'
import { type Database, dynoxide } from './databases.ts'

const table = 'payloads'
const NOW = Date.UTC(2026, 0, 1)
const chain = '901'
let database: Database
let client: DynamoDBClient
/** The object store beneath, with what was put into it. */
let beneath: ObjectStore
let puts: string[]
let objects: ObjectStore
let next = 0n

beforeAll(async () => {
  database = await dynoxide()
  client = dynamoClient({ endpoint: database.endpoint, timeoutMs: 5_000 })
  await createTable(client, table, payloadTable)
}, 60_000)
afterAll(async () => {
  client.destroy()
  await database.stop()
})
beforeEach(() => {
  const memory = memoryObjects()
  puts = []
  beneath = {
    ...memory,
    put: async (key, bytes, how) => {
      puts.push(key)
      await memory.put(key, bytes, how)
    },
  }
  objects = withPayloadTable(beneath, client, { table, timeoutMs: 5_000, keepDays: 7, now: () => NOW })
  next += 10n
})

const at = (number: bigint) => ({ number, hash: `0x${String(number).padStart(64, '0')}` as const })

/** A committed head whose block has so many bytes of transactions, with its payload where a gate puts it. */
async function headOf(bytes: number, inlineBytes = MAX_SMALL_BYTES, number = next): Promise<Head> {
  const transactions = bytes === 0 ? ['0x02c0'] : randomTransactions(bytes)
  const envelope = envelopeOf(blockOf(Number(number)), { transactions })
  const block: Block = blockIn(envelope)
  const packed = await packPayload(JSON.stringify(envelope))
  const place = await placePayload(objects, chain, block, packed, inlineBytes)
  return { chain, ...block, ...place, leader: 'a', term: 1, committedTerm: 1, committedAt: 1, fencedAt: 1 }
}

test('a small payload is an item that expires, and no object', async () => {
  const head = await headOf(0)
  const archive = chainArchive(objects, chain)
  expect(await archive.put(head)).toBe(true)
  expect(await archive.put(head)).toBe(true)
  expect(puts).toEqual([])
  expect(JSON.parse((await archive.get(head)) ?? '{}')).toMatchObject({ executionPayload: { blockHash: head.hash } })
  expect(await archive.hashesAt(head.number)).toEqual([head.hash])
  const id = { S: `${String(head.number).padStart(12, '0')}/${head.hash}` }
  const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: { chain: { S: chain }, id } }))
  expect(Item?.expiresAt).toEqual({ N: String(NOW / 1000 + 7 * 86_400) })
})

test('a large payload is written once, by its commit; the archive names it', async () => {
  const head = await headOf(20_000)
  expect(head.payload).toBeUndefined()
  const archive = chainArchive(objects, chain)
  expect(await archive.hashesAt(head.number)).toEqual([])
  await archive.put(head)
  expect(puts).toEqual([head.payloadRef])
  expect(await archive.hashesAt(head.number)).toEqual([head.hash])
  expect(JSON.parse((await archive.get(head)) ?? '{}')).toMatchObject({ executionPayload: { blockHash: head.hash } })
})

test('a large payload that is in the head item is an object, as it was before there was a table', async () => {
  const head = await headOf(20_000, 348_000)
  const archive = chainArchive(objects, chain)
  await archive.put(head)
  await archive.put(head)
  expect(new Set(puts)).toEqual(new Set([archiveKey(chain, head)]))
  expect(await archive.get(head)).toBeDefined()
  expect(await archive.hashesAt(head.number)).toEqual([head.hash])
})

test('an object whose key lacks its digest is copied: its content could change', async () => {
  const head = await headOf(20_000)
  const old = `${chain}/spill/${head.number}-${head.hash}`
  await beneath.put(old, (await beneath.get(head.payloadRef ?? '')) ?? new Uint8Array())
  await chainArchive(objects, chain).put({ ...head, payloadRef: old })
  expect(puts).toContain(archiveKey(chain, head))
})

describe('the list of commits', () => {
  test('who committed which block, whatever its size; the highest first, as many as asked', async () => {
    const archive = chainArchive(objects, chain)
    const small = await headOf(0)
    const named = await headOf(20_000, MAX_SMALL_BYTES, next + 1n)
    const inHead = await headOf(20_000, 348_000, next + 2n)
    for (const [i, head] of [small, named, inHead].entries())
      await archive.put({ ...head, leader: 'ada', term: 3, committedTerm: 3, committedAt: NOW + i })
    const facts = { leader: 'ada', term: 3 }
    const listed = [inHead, named, small].map(({ number, hash }, i) => {
      return { number, hash, ...facts, committedAt: NOW + 2 - i }
    })
    expect(await objects.commits?.(chain, { below: next + 3n, limit: 3 })).toEqual(listed)
    expect(await objects.commits?.(chain, { below: next + 3n, limit: 1 })).toEqual(listed.slice(0, 1))
    expect(await objects.commits?.(chain, { below: next + 2n, limit: 1 })).toEqual(listed.slice(1, 2))
    expect(await objects.commits?.('902', { below: next + 3n, limit: 9 })).toEqual([])
  })

  test('a head that is fenced already names the next leader, not who committed its block', async () => {
    const head = await headOf(0)
    await chainArchive(objects, chain).put({ ...head, leader: 'bob', term: 4, committedTerm: 3, committedAt: NOW })
    const [commit] = (await objects.commits?.(chain, { below: next + 1n, limit: 1 })) ?? []
    expect(commit).toEqual({ number: head.number, hash: head.hash, term: 3, committedAt: NOW })
  })

  test('a block that was placed, or archived by an earlier version, is read as ever and not listed', async () => {
    const placed = await headOf(0)
    const archive = chainArchive(objects, '903')
    await archive.put({ ...placed, chain: '903', committedTerm: 0 })
    expect(await archive.get(placed)).toBeDefined()
    expect(await objects.commits?.('903', { below: next + 1n, limit: 9 })).toEqual([])
  })
})

test('what was archived is never replaced', async () => {
  const key = archiveKey(chain, at(next))
  await objects.put(key, randomBytes(10), { ifAbsent: true })
  const first = await objects.get(key)
  await objects.put(key, randomBytes(10), { ifAbsent: true })
  await objects.name?.(key, `${chain}/spill/other`)
  expect(await objects.get(key)).toEqual(first)
})

test('all blocks of a number are listed, of this number only, from the table and from before', async () => {
  const keys = [at(next), { ...at(next), hash: `0x${'ab'.repeat(32)}` as const }].map((id) => archiveKey(chain, id))
  await objects.put(keys[0] ?? '', randomBytes(10), { ifAbsent: true })
  await beneath.put(keys[1] ?? '', randomBytes(10))
  await objects.put(archiveKey(chain, at(next + 1n)), randomBytes(10), { ifAbsent: true })
  await objects.put(archiveKey('902', at(next)), randomBytes(10), { ifAbsent: true })
  const folder = `${chain}/payloads/${String(next).padStart(12, '0')}/`
  expect((await objects.list?.(folder))?.toSorted()).toEqual(keys.toSorted())
})

test('a chain with small payloads only has traces, too', async () => {
  expect(await objects.list?.('777/payloads/')).toEqual([])
  const key = archiveKey('777', at(next))
  await objects.put(key, randomBytes(10), { ifAbsent: true })
  expect(await objects.list?.('777/payloads/')).toEqual([key])
})

test('other objects are objects', async () => {
  await objects.put('901/sightings/a.json', randomBytes(10))
  expect(puts).toEqual(['901/sightings/a.json'])
  expect(await objects.get('901/sightings/a.json')).toHaveLength(10)
  expect(await objects.name?.('901/sightings/b.json', '901/sightings/a.json')).toBe(false)
})

test('a table that does not answer is a store that is not available: nothing passes for "not archived"', async () => {
  const away = dynamoClient({ endpoint: 'http://127.0.0.1:9', timeoutMs: 200 })
  const archive = chainArchive(withPayloadTable(beneath, away, { table, timeoutMs: 200 }), chain)
  const head = await headOf(0)
  const calls = [archive.put(head), archive.get(head), archive.hashesAt(head.number)]
  const results = await Promise.allSettled(calls)
  for (const result of results) {
    expect(result).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailableError) })
  }
})
