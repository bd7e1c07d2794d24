import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Block } from '../../../lib/protocol/block.ts'
import { seedHead } from '../../../lib/protocol/bootstrap.ts'
import { commit } from '../../../lib/protocol/commit.ts'
import { fence } from '../../../lib/protocol/grant.ts'
import { renderReason } from '../../../lib/protocol/reason.ts'
import { archiveKey, chainArchive } from '../../../lib/store/archive.ts'
import { toItem } from '../../../lib/store/dynamo/attributes.ts'
import { packPayload, placePayload } from '../../../lib/store/payload.ts'
import { blockIn, blockOf, envelopeOf, namedAs, randomTransactions } from '../../gate/payloads.ts'
import { type Account, openAccount } from '../harness/aws.ts'
import { streamRecord } from '../harness/events.ts'
import { type Running, start } from '../harness/invoke.ts'

const CHAIN = '901'
/** More deliveries than a busy machine needs, and the time between two (ms): the lag is measured every ten seconds. */
const [DELIVERIES, BACK_OFF_MS] = [4, 10_500]
let account: Account
let archiver: Running

beforeAll(async () => {
  account = await openAccount([CHAIN])
  await account.stores.heads.write(CHAIN, seedHead(blockOf(10), 1, 1_000))
  await account.stores.heads.write(CHAIN, fence('a', 2, 1_001))
  archiver = await start('archiver', account.env)
}, 120_000)
vi.setConfig({ testTimeout: 2 * DELIVERIES * BACK_OFF_MS })
afterAll(async () => {
  await archiver?.kill()
  await account?.close()
})

type Envelope = ReturnType<typeof envelopeOf>

/** What was committed, by number. */
const blocks = new Map<number, Block>()
const blockAt = (number: number) => blocks.get(number) ?? blockOf(number)

/** Commits a block, and returns what the stream tells of it, in the form Lambda delivers it: bytes as base64. */
async function committed(number: number, transactions: readonly string[] = ['0x02c0'], forged?: Envelope) {
  const before = await account.stores.heads.read(CHAIN)
  const envelope = envelopeOf({ ...blockOf(number), parentHash: before?.hash ?? '0x' }, { transactions })
  const block = blockIn(envelope)
  blocks.set(number, block)
  const packed = await packPayload(JSON.stringify(forged ? namedAs(block.hash, forged) : envelope))
  const place = await placePayload(account.objects, CHAIN, block, packed)
  await account.stores.heads.commit(CHAIN, commit('a', block, place, 1))
  const head = await account.stores.heads.readWithPayload(CHAIN)
  expect(head).toMatchObject({ number: BigInt(number), hash: block.hash })
  return streamRecord(CHAIN, number, toItem(head ?? {}))
}

/**
 * Delivers records as Lambda does: once more where S3 did not answer in time, which happens on a busy machine.
 * Returns the answer to the last delivery, and what the function wrote of it.
 */
async function deliver(Records: readonly object[]) {
  for (let delivery = 1; ; delivery++) {
    const before = archiver.lines().length
    const response = await archiver.invoke({ Records })
    const lines = archiver.lines().slice(before)
    const slow = lines.some(({ error }) => (error as Error | undefined)?.name === 'StoreUnavailableError')
    if (!slow || delivery === DELIVERIES) return { response, lines }
    await sleep(BACK_OFF_MS)
  }
}

test('archives a batch, inline and spilled payloads alike, and has no lag to tell', async () => {
  const records = [await committed(11), await committed(12, randomTransactions(900_000)), await committed(13)]
  const { response, lines } = await deliver(records)
  expect(response).toEqual({ batchItemFailures: [] })
  const archive = chainArchive(account.objects, CHAIN)
  for (const number of [11, 12, 13]) {
    const envelope = await archive.get(blockAt(number))
    expect(JSON.parse(envelope ?? '{}')).toMatchObject({ executionPayload: { blockHash: blockAt(number).hash } })
  }
  expect(lines.find((line) => 'ArchiveLag' in line)).toBeUndefined()
})

test('names the records that failed, keeps the others, and counts what is missing', async () => {
  const good = await committed(14)
  const spilled = await committed(15, randomTransactions(900_000))
  const image = { ...spilled.dynamodb.NewImage, payloadRef: { S: `${CHAIN}/spill/gone` } }
  const lost = { ...spilled, dynamodb: { ...spilled.dynamodb, NewImage: image } }
  const later = await committed(16)
  const { SequenceNumber } = lost.dynamodb
  const { response, lines } = await deliver([good, lost, later])
  expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: SequenceNumber }] })
  expect(await account.objects.get(archiveKey(CHAIN, blockAt(14)))).toBeDefined()
  expect(await account.objects.get(archiveKey(CHAIN, blockAt(15)))).toBeUndefined()
  expect(lines.find((line) => 'ArchiveLag' in line)).toMatchObject({
    chain: CHAIN,
    ArchiveLag: 2,
    _aws: { CloudWatchMetrics: [{ Namespace: 'Baton', Dimensions: [['baton', 'chain']] }] },
  })
  expect(lines.filter(({ level }) => level === 'ERROR')).toMatchObject([{ sequenceNumber: SequenceNumber }])
})

test('again is harmless, and what is no head is none of its business', async () => {
  const again = await committed(17)
  const removed = { ...streamRecord(CHAIN, 18, {}), eventName: 'REMOVE', dynamodb: { SequenceNumber: '18' } }
  for (let i = 0; i < 2; i++) {
    expect((await deliver([again, removed])).response).toEqual({ batchItemFailures: [] })
    expect(await account.objects.get(archiveKey(CHAIN, blockAt(17)))).toBeDefined()
  }
  expect(await account.objects.get(archiveKey(CHAIN, blockAt(18)))).toBeUndefined()
})

test('a block that is kept as something else pages, leaves a record, and holds nobody up', async () => {
  const forged = await committed(18, ['0x02c0'], envelopeOf(blockOf(18, 1)))
  const child = await committed(19)
  const { lines } = await deliver([forged, child])
  expect((await deliver([forged, child])).response).toEqual({ batchItemFailures: [] })
  expect(await account.objects.get(archiveKey(CHAIN, blockAt(18)))).toBeUndefined()
  expect(await account.objects.get(archiveKey(CHAIN, blockAt(19)))).toBeDefined()
  expect(lines.find((line) => 'BadPayloads' in line)).toMatchObject({ chain: CHAIN, BadPayloads: 1 })
  const records = await account.stores.history.list(CHAIN)
  expect(records).toMatchObject([{ what: 'bad-payload', head: 18n, reasons: [{ code: 'bad-payload' }] }])
  expect(records.flatMap(({ reasons }) => reasons.map(renderReason)).join()).toContain(
    `baton disaster re-seed --confirm ${blockAt(18).parentHash}`,
  )
})
