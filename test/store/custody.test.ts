import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Head } from '../../lib/protocol/records.ts'
import { archiveKey, chainArchive } from '../../lib/store/archive.ts'
import { archiveCommits } from '../../lib/store/archive-commits.ts'
import { archiveRecords } from '../../lib/store/archive-records.ts'
import { toItem } from '../../lib/store/dynamo/attributes.ts'
import { BadPayloadError, recordOf } from '../../lib/store/errors.ts'
import { memoryHeads, memoryObjects, memoryStores } from '../../lib/store/memory/stores.ts'
import { bucketObjects } from '../../lib/store/objects/s3.ts'
import { packPayload, placePayload, readPayload, spillKey } from '../../lib/store/payload.ts'
import type { ObjectStore } from '../../lib/store/stores.ts'
import { randomTransactions } from '../gate/payloads.ts'
import { childOf, envelopeOf, genesis, sealedOf } from './blocks.ts'

const block = childOf(genesis)
const sibling = childOf(genesis, 'sibling')
const kept = { chain: '901', leader: 'ada', term: 4, committedTerm: 4, committedAt: 1_700_000_000_000, fencedAt: 1 }
const pack = async (text: string) => new Uint8Array(await packPayload(text))
const headWith = async (text: string): Promise<Head> => ({ ...kept, ...block, payload: await pack(text) })
const record = (head: Head, SequenceNumber = '1') => ({ dynamodb: { SequenceNumber, NewImage: toItem(head) } })

/** A head whose payload is in an object, and the object's bytes. */
async function spilled(objects: ObjectStore) {
  const block = { number: 101n, parentHash: genesis.hash, timestamp: 1002n }
  const envelope = sealedOf(block, randomTransactions(800_000) as `0x${string}`[])
  const { blockHash: hash } = envelope.executionPayload
  const packed = await pack(JSON.stringify(envelope))
  const place = await placePayload(objects, '901', { number: 101n, hash }, packed)
  if (!('payloadRef' in place)) throw new Error('it fits the item')
  return { head: { ...kept, ...block, hash, ...place } satisfies Head, packed, envelope: JSON.stringify(envelope) }
}

const named = (text: string) => text.replaceAll(sibling.hash, block.hash)
const wrongs: [string, string][] = [
  ['another content under its hash', named(envelopeOf(sibling))],
  ['another block', envelopeOf(sibling)],
  ['one field changed', envelopeOf(block).replace('0x57b0', '0x57b1')],
  ['no state root', envelopeOf(block).replace('stateRoot', 'stateRott')],
  ['only its name', `{"executionPayload":{"blockHash":"${block.hash}","blockNumber":"0x65"}}`],
  ['a bare payload', JSON.stringify(JSON.parse(envelopeOf(block)).executionPayload)],
  ['no JSON', 'not JSON'],
  ['null', 'null'],
]

describe('the archiver keeps a block only as what it is', () => {
  test.each(wrongs)('%s is reported and not kept, and the batch goes on', async (_, text) => {
    const objects = memoryObjects()
    const reported: unknown[] = []
    const child = { ...kept, ...sibling, payload: await pack(envelopeOf(sibling)) }
    const records = [record(await headWith(text)), record(child, '2')]
    expect(await archiveRecords(objects, records, (error) => reported.push(error))).toEqual({ batchItemFailures: [] })
    expect(reported).toMatchObject([{ name: 'BadPayloadError', code: 'bad-payload' }])
    expect(await objects.get(archiveKey('901', block))).toBeUndefined()
    expect(await objects.get(archiveKey('901', sibling))).toBeDefined()
  })

  test('what is not zstd is reported, too', async () => {
    const reported: unknown[] = []
    const head = { ...kept, ...block, payload: new Uint8Array([1, 2, 3]) }
    expect(await archiveRecords(memoryObjects(), [record(head)], (error) => reported.push(error))).toEqual({
      batchItemFailures: [],
    })
    expect(reported).toMatchObject([{ name: 'BadPayloadError' }])
  })

  test('the record names the block, the one to go back to and the command, once', async () => {
    const error = new BadPayloadError(await headWith(''), 'x'.repeat(5_000))
    expect(error.message).toContain(
      `go back to block 100: baton disaster re-seed --confirm ${genesis.hash} --against-vote`,
    )
    expect(error.message.length).toBeLessThan(1_000)
    const { history } = memoryStores()
    for (let i = 0; i < 3; i++) await history.append(recordOf(error))
    expect(await history.list('901')).toMatchObject([
      { what: 'bad-payload', head: 101n, term: 4, reasons: [{ code: 'bad-payload', evidence: { number: '101' } }] },
    ])
  })

  test('beside a local gate it does the same, and commits go on', async () => {
    const objects = memoryObjects()
    const reported: unknown[] = []
    const heads = archiveCommits(
      memoryHeads(),
      () => chainArchive(objects, '901'),
      (error) => reported.push(error),
    )
    const { chain, ...set } = await headWith(named(envelopeOf(sibling)))
    await heads.commit(chain, { set, when: { is: 'absent', field: 'chain' } })
    await heads.settled()
    expect(reported).toMatchObject([{ name: 'BadPayloadError' }])
    expect(await objects.get(archiveKey('901', block))).toBeUndefined()
  })

  test('what is archived stays, whatever comes later', async () => {
    const objects = memoryObjects()
    const archive = chainArchive(objects, '901')
    await archive.put(await headWith(envelopeOf(block)))
    const before = await objects.get(archiveKey('901', block))
    const spaced = JSON.stringify(JSON.parse(envelopeOf(block)), undefined, 2)
    await archive.put(await headWith(spaced))
    expect(await objects.get(archiveKey('901', block))).toEqual(before)
  })

  test('a block of a fork this version does not know is kept', async () => {
    const archive = chainArchive(memoryObjects(), '901')
    const later = named(envelopeOf(sibling)).replace('"stateRoot"', '"slotNumber":"0x1","stateRoot"')
    expect(await archive.put(await headWith(later))).toBe(true)
    expect(await archive.get(block)).toBe(later)
  })
})

describe('the archive', () => {
  test.each(wrongs)('%s: is named, not returned', async (_, text) => {
    const objects = memoryObjects()
    await objects.put(archiveKey('901', block), await pack(text))
    await expect(chainArchive(objects, '901').get(block)).rejects.toMatchObject({
      name: 'CorruptRecordError',
      message: expect.stringContaining(archiveKey('901', block)),
    })
  })
})

describe('the object of a large payload', () => {
  test('other content under the same number and hash has another key', async () => {
    const objects = memoryObjects()
    const { head, envelope } = await spilled(objects)
    const other = await placePayload(objects, '901', head, await pack(envelopeOf(block, randomTransactions(800_000))))
    expect(other).not.toEqual({ payloadRef: head.payloadRef })
    expect(await readPayload(objects, head)).toBe(envelope)
  })

  test.each([
    ['truncated', (packed: Uint8Array) => packed.subarray(0, -1)],
    ['one bit flipped', (packed: Uint8Array) => packed.map((byte, i) => (i === 400_000 ? byte ^ 1 : byte))],
    ['emptied', () => new Uint8Array()],
  ])('%s: is not read, and the archiver reports it', async (_, change) => {
    const objects = memoryObjects()
    const { head, packed } = await spilled(objects)
    await objects.put(head.payloadRef, change(packed))
    await expect(readPayload(objects, head)).rejects.toMatchObject({ name: 'CorruptRecordError' })
    await expect(chainArchive(objects, '901').put(head)).rejects.toMatchObject({ name: 'BadPayloadError' })
  })

  test('of another block, under a key of a version without digests: the content shows it', async () => {
    const objects = memoryObjects()
    const { head, packed } = await spilled(objects)
    const old = { ...head, payloadRef: spillKey('901', head) }
    await objects.put(old.payloadRef, await pack(envelopeOf(sibling)))
    await expect(chainArchive(objects, '901').put(old)).rejects.toMatchObject({ name: 'BadPayloadError' })
    await objects.put(old.payloadRef, packed)
    expect(await chainArchive(objects, '901').put(old)).toBe(true)
  })

  test('deleted: missing, so that the stream delivers it again', async () => {
    const reported: unknown[] = []
    const { head } = await spilled(memoryObjects())
    const response = await archiveRecords(memoryObjects(), [record(head)], (error) => reported.push(error))
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] })
    expect(reported).toMatchObject([{ name: 'MissingPayloadError' }])
  })
})

describe('S3', () => {
  const variables = { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y' }
  const access = {
    region: async () => 'us-east-1',
    credentials: async () => ({ accessKeyId: 'x', secretAccessKey: 'y' }),
  }
  const kinds: [string, (url: string) => ObjectStore][] = [
    [
      'signed as the AWS CLI would',
      (endpoint) => bucketObjects('bucket', undefined, { timeoutMs: 2_000, endpoint, aws: access }),
    ],
    [
      'signed by the environment of a function',
      (url) =>
        bucketObjects('bucket', 'us-east-1', {
          timeoutMs: 2_000,
          variables: { ...variables, AWS_ENDPOINT_URL_S3: url },
        }),
    ],
  ]
  describe.each(kinds)('%s', (_, open) => {
    test('the condition is sent and signed; without it nothing of it is sent', async () => {
      const seen: Record<string, unknown>[] = []
      const url = await serve((request, response) => {
        const { authorization = '', 'if-none-match': condition } = request.headers
        seen.push({ condition, signed: /SignedHeaders=[^,]*if-none-match/.test(authorization) })
        request.resume().on('end', () => response.end())
      })
      const objects = open(url)
      await objects.put('901/spill/x', new Uint8Array([1]), { ifAbsent: true })
      await objects.put('901/spill/x', new Uint8Array([1]))
      expect(seen).toEqual([
        { condition: '*', signed: true },
        { condition: undefined, signed: false },
      ])
    })

    test.each([
      ['there already: done', [[412, 'PreconditionFailed']], 1],
      [
        'another put under way: asked again',
        [
          [409, 'ConditionalRequestConflict'],
          [412, 'PreconditionFailed'],
        ],
        2,
      ],
    ] as const)('%s', async (_, answers, requests) => {
      let count = 0
      const url = await serve((request, response) => {
        const [status, code] = answers[count++] ?? [500, 'InternalError']
        request.resume().on('end', () => response.writeHead(status).end(`<Error><Code>${code}</Code></Error>`))
      })
      await open(url).put('901/spill/x', new Uint8Array([1]), { ifAbsent: true })
      expect(count).toBe(requests)
    })

    test('an endless conflict ends', async () => {
      let count = 0
      const url = await serve((request, response) => {
        count++
        request
          .resume()
          .on('end', () => response.writeHead(409).end('<Error><Code>ConditionalRequestConflict</Code></Error>'))
      })
      const put = open(url).put('901/spill/x', new Uint8Array([1]), { ifAbsent: true })
      await expect(put).rejects.toMatchObject({ name: 'StoreUnavailableError' })
      // Three tries of each of the five requests that are sent beside each other.
      expect(count).toBeLessThanOrEqual(15)
    })
  })
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
