import { createHash, randomBytes } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { memoryObjects } from '../../lib/store/memory/stores.ts'
import {
  inlineBytesOnAws,
  MAX_ENVELOPE_BYTES,
  MAX_INLINE_BYTES,
  packPayload,
  placePayload,
  readPayload,
  unpackPayload,
} from '../../lib/store/payload.ts'
import { childOf, envelopeOf, genesis } from './blocks.ts'

const block = childOf(genesis)
const head = { chain: '901', ...block, leader: 'ada', term: 1, committedTerm: 1, committedAt: 1, fencedAt: 1 }

test.each([0, 1, 5_000, 300_000, 2_000_000])('an envelope with %i bytes of transactions survives', async (size) => {
  const envelope = envelopeOf(block, [`0x${randomBytes(size).toString('hex')}`])
  const packed = await packPayload(envelope)
  expect(await unpackPayload(packed)).toBe(envelope)
  expect(await packPayload(Buffer.from(envelope))).toEqual(packed)
  if (size > 1_000) expect(packed.length).toBeLessThan(envelope.length * 0.52)
})

test('a small bomb ends at the limit', async () => {
  const bomb = zstdCompressSync(Buffer.alloc(MAX_ENVELOPE_BYTES + 1))
  expect(bomb.length).toBeLessThan(20_000)
  await expect(unpackPayload(bomb)).rejects.toMatchObject({ name: 'PayloadTooLargeError', code: 'payload-too-large' })
})

test('a large bomb ends at the limit', async () => {
  const bomb = zstdCompressSync(Buffer.concat([randomBytes(200_000), Buffer.alloc(MAX_ENVELOPE_BYTES)]))
  expect(bomb.length).toBeGreaterThan(200_000)
  await expect(unpackPayload(bomb)).rejects.toMatchObject({ name: 'PayloadTooLargeError' })
})

test('an envelope beyond the limit is not packed', async () => {
  await expect(packPayload(new Uint8Array(MAX_ENVELOPE_BYTES + 1))).rejects.toMatchObject({
    name: 'PayloadTooLargeError',
  })
})

test('what is not zstd is a corrupt record', async () => {
  await expect(unpackPayload(Buffer.from('{"json":true}'))).rejects.toMatchObject({ name: 'CorruptRecordError' })
  const cut = (await packPayload(envelopeOf(block))).subarray(0, 60)
  await expect(unpackPayload(cut)).rejects.toMatchObject({ name: 'CorruptRecordError' })
})

test('a payload that fits goes into the item', async () => {
  const packed = new Uint8Array(MAX_INLINE_BYTES)
  expect(await placePayload(memoryObjects(), '901', block, packed)).toEqual({ payload: packed })
})

test('a payload that does not is an object before anybody may commit it', async () => {
  const objects = memoryObjects()
  const envelope = envelopeOf(block, [`0x${randomBytes(MAX_INLINE_BYTES).toString('hex')}`])
  const packed = await packPayload(envelope)
  const place = await placePayload(objects, '901', block, packed)
  const payloadRef = `901/spill/101-${block.hash}-${createHash('sha256').update(packed).digest('hex')}`
  expect(place).toEqual({ payloadRef })
  expect(await objects.get(payloadRef)).toEqual(new Uint8Array(packed))
  expect(await readPayload(objects, { ...head, ...place })).toBe(envelope)
})

test('an object that cannot be written stops the commit', async () => {
  const objects = { ...memoryObjects(), put: () => Promise.reject(new Error('no room')) }
  await expect(placePayload(objects, '901', block, new Uint8Array(MAX_INLINE_BYTES + 1))).rejects.toThrow('no room')
})

test.each([
  { blockTimeMs: 50, limit: 25_000 },
  { blockTimeMs: 200, limit: 100_000 },
  { blockTimeMs: 250, limit: 125_000 },
  { blockTimeMs: 500, limit: 250_000 },
  { blockTimeMs: 696, limit: 348_000 },
  { blockTimeMs: 999, limit: 348_000 },
  { blockTimeMs: 1_000, limit: 3_000 },
  { blockTimeMs: 2_000, limit: 3_000 },
  { blockTimeMs: undefined, limit: 348_000 },
])('every $blockTimeMs ms the head item takes up to $limit bytes', ({ blockTimeMs, limit }) => {
  expect(inlineBytesOnAws(blockTimeMs)).toBe(limit)
  // Each commit twice is still less than one partition takes: 1,000 write units of 1 kB a second.
  if (blockTimeMs !== undefined) expect((2 * limit) / blockTimeMs).toBeLessThanOrEqual(1_000)
})

test('a payload that is gone is named', async () => {
  const missing = { name: 'MissingPayloadError', block: { number: 101n, hash: block.hash } }
  await expect(readPayload(memoryObjects(), { ...head, payloadRef: '901/spill/x' })).rejects.toMatchObject(missing)
  await expect(readPayload(memoryObjects(), head)).rejects.toMatchObject(missing)
})
