import { afterAll, beforeAll, expect, test } from 'vitest'
import { commit } from '../../lib/protocol/commit.ts'
import { fence } from '../../lib/protocol/fence.ts'
import { seedHead } from '../../lib/protocol/seed.ts'
import { archiveKey, chainArchive } from '../../lib/store/archive.ts'
import { toItem } from '../../lib/store/dynamo/attributes.ts'
import { packPayload, placePayload } from '../../lib/store/payload.ts'
import { blockOf, envelopeOf, randomTransactions } from '../gate/payloads.ts'
import { type Account, openAccount } from './harness/aws.ts'
import { type Running, start } from './harness/invoke.ts'

const CHAIN = '901'
let account: Account
let archiver: Running

beforeAll(async () => {
  account = await openAccount([CHAIN])
  await account.stores.heads.write(CHAIN, seedHead(blockOf(10), 1, 1_000))
  await account.stores.heads.write(CHAIN, fence('a', 2, 1_001))
  archiver = await start('archiver', account.env)
}, 120_000)
afterAll(async () => {
  await archiver?.kill()
  await account?.close()
})

/** Commits a block, and returns what the stream tells of it, in the form Lambda delivers it: bytes as base64. */
async function committed(number: number, transactions: readonly string[] = ['0x02c0']) {
  const block = blockOf(number)
  const packed = await packPayload(JSON.stringify(envelopeOf(block, { transactions })))
  await account.stores.heads.commit(
    CHAIN,
    commit('a', block, await placePayload(account.objects, CHAIN, block, packed), 1),
  )
  const head = await account.stores.heads.readWithPayload(CHAIN)
  return record(number, toItem(head ?? {}))
}

function record(number: number, image: object) {
  const NewImage = JSON.parse(
    JSON.stringify(image, (_, value) => {
      if (value?.type === 'Buffer') return Buffer.from(value.data).toString('base64')
      if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
      return value
    }),
  )
  return {
    eventID: `event-${number}`,
    eventName: 'MODIFY',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    dynamodb: {
      ApproximateCreationDateTime: 1732186800,
      Keys: { chain: { S: CHAIN } },
      NewImage,
      SequenceNumber: `${number}00000000000000000`,
      SizeBytes: 26,
      StreamViewType: 'NEW_IMAGE',
    },
    eventSourceARN: 'arn:aws:dynamodb:us-east-1:000000000000:table/baton-heads/stream/2026-11-21T00:00:00.000',
  }
}

test('archives a batch, inline and spilled payloads alike, and measures the lag', async () => {
  const records = [await committed(11), await committed(12, randomTransactions(900_000)), await committed(13)]
  expect(await archiver.invoke({ Records: records })).toEqual({ batchItemFailures: [] })
  const archive = chainArchive(account.objects, CHAIN)
  for (const number of [11, 12, 13]) {
    const envelope = await archive.get(blockOf(number))
    expect(JSON.parse(envelope ?? '{}')).toMatchObject({ executionPayload: { blockHash: blockOf(number).hash } })
  }
  expect(archiver.lines().find((line) => 'ArchiveLag' in line)).toMatchObject({
    chain: CHAIN,
    ArchiveLag: 0,
    _aws: { CloudWatchMetrics: [{ Namespace: 'Baton', Dimensions: [['chain']] }] },
  })
})

test('names the records that failed, keeps the others, and counts what is missing', async () => {
  const good = await committed(14)
  const spilled = await committed(15, randomTransactions(900_000))
  const image = { ...spilled.dynamodb.NewImage, payloadRef: { S: `${CHAIN}/spill/gone` } }
  const lost = { ...spilled, dynamodb: { ...spilled.dynamodb, NewImage: image } }
  const later = await committed(16)
  const { SequenceNumber } = lost.dynamodb
  const response = await archiver.invoke({ Records: [good, lost, later] })
  expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: SequenceNumber }] })
  expect(await account.objects.get(archiveKey(CHAIN, blockOf(14)))).toBeDefined()
  expect(await account.objects.get(archiveKey(CHAIN, blockOf(15)))).toBeUndefined()
  expect(archiver.lines().findLast((line) => 'ArchiveLag' in line)).toMatchObject({ ArchiveLag: 2 })
  expect(archiver.lines().find(({ level }) => level === 'ERROR')).toMatchObject({ sequenceNumber: SequenceNumber })
})

test('again is harmless, and what is no head is none of its business', async () => {
  const again = await committed(17)
  const removed = { ...record(18, {}), eventName: 'REMOVE', dynamodb: { SequenceNumber: '18' } }
  for (let i = 0; i < 2; i++) {
    expect(await archiver.invoke({ Records: [again, removed] })).toEqual({ batchItemFailures: [] })
    expect(await account.objects.get(archiveKey(CHAIN, blockOf(17)))).toBeDefined()
  }
  expect(await account.objects.get(archiveKey(CHAIN, blockOf(18)))).toBeUndefined()
})
