import { afterEach, beforeEach, expect, test } from 'vitest'
import { packSeed } from '../../lib/context/payloads.ts'
import type { BlockId, Hash } from '../../lib/protocol/block.ts'
import { chainArchive } from '../../lib/store/archive.ts'
import { blockOfEnvelope, unpackPayload } from '../../lib/store/payload.ts'
import { type Stage, setStage } from './stage.ts'

let stage: Stage
let newest: BlockId

beforeEach(async () => {
  stage = await setStage()
  newest = (await stage.ports.port('ada').block({ number: 0n })) ?? { number: 0n, hash: '0x' }
})
afterEach(() => stage.close())

test('the block a chain is taken over at is kept with the head, and archived before its child is committed', async () => {
  stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  const envelope = await chainArchive(stage.ports.objects, '901').get(newest)
  expect(blockOfEnvelope(envelope ?? '').hash).toBe(newest.hash)
})

test('whichever node has it gives it', async () => {
  await stage.chain.node('ada').kill('host')
  await stage.chain.node('bob').kill('host')
  const packed = await packSeed(stage.ports, newest)
  expect(blockOfEnvelope(await unpackPayload(packed ?? new Uint8Array())).hash).toBe(newest.hash)
})

test('a chain is taken over without it when no node gives it, or only another block', async () => {
  const other: Hash = `0x${'0b'.repeat(32)}`
  expect(await packSeed(stage.ports, { number: 0n, hash: other })).toBeUndefined()
  for (const node of ['ada', 'bob', 'cyd']) await stage.chain.node(node).kill('host')
  expect(await packSeed(stage.ports, newest)).toBeUndefined()
})
