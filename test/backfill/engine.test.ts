import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createEngineClient, signToken } from '../../lib/chain/engine/client.ts'
import { forkchoiceUpdated, getPayload, getPayloadBodiesByRange, newPayload } from '../../lib/chain/engine/methods.ts'
import { exchangeCapabilities, NoEngineMethodError } from '../../lib/chain/engine/versions.ts'
import type { Envelope } from '../../lib/chain/envelope.ts'
import { classify } from '../../lib/chain/failure.ts'
import { envelopes } from '../chain/fixtures.ts'
import { closedUrl, methodNotFound, type Reply, serve, serveRpc } from '../chain/rpc-server.ts'

const secret = Buffer.from('5e'.repeat(32), 'hex')
const [real] = envelopes
if (!real) throw new Error('no fixtures')
const valid = { status: 'VALID', latestValidHash: real.executionPayload.blockHash, validationError: null }

/** What op-geth has that knows Karst. */
const KARST = [
  ...[1, 2, 3, 4].map((version) => `engine_newPayloadV${version}`),
  ...[1, 2, 3].map((version) => `engine_forkchoiceUpdatedV${version}`),
  ...[1, 2, 3, 4, 5].map((version) => `engine_getPayloadV${version}`),
]

/** An engine with these methods; those it was asked, but for what it has, are in `asked`. */
async function serveEngine(has: readonly string[], reply: (method: string, params: readonly unknown[]) => Reply) {
  const asked: string[] = []
  const { url } = await serveRpc((method, params) => {
    if (method === 'engine_exchangeCapabilities') return { result: has }
    asked.push(method)
    return reply(method, params)
  })
  return { url, asked }
}

test('a token is an HS256 JWT of its time', () => {
  const [header = '', claims = '', signature] = signToken(secret, 1_700_000_123_456).split('.')
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as unknown
  expect(read(header)).toEqual({ alg: 'HS256', typ: 'JWT' })
  expect(read(claims)).toEqual({ iat: 1_700_000_123 })
  expect(signature).toBe(createHmac('sha256', secret).update(`${header}.${claims}`).digest('base64url'))
})

test('each request has a token of its own', async () => {
  const { url, requests } = await serveRpc(() => ({ result: [] }))
  let now = 1_000_000
  const engine = createEngineClient(url, secret, { now: () => now })
  await exchangeCapabilities(engine)
  now += 61_000
  await exchangeCapabilities(engine)
  expect(requests.map(({ authorization }) => authorization)).toEqual([
    `Bearer ${signToken(secret, 1_000_000)}`,
    `Bearer ${signToken(secret, 1_061_000)}`,
  ])
})

const { withdrawals, blobGasUsed, excessBlobGas, ...bedrock } = real.executionPayload
const root = real.executionPayload.stateRoot
const forks: [name: string, envelope: Envelope, method: string, params: unknown[]][] = [
  ['Bedrock', { executionPayload: bedrock }, 'engine_newPayloadV2', []],
  ['Canyon', { executionPayload: { ...bedrock, withdrawals: [] } }, 'engine_newPayloadV2', []],
  ['Ecotone', real, 'engine_newPayloadV3', [[], real.parentBeaconBlockRoot]],
  [
    'Isthmus',
    { ...real, executionPayload: { ...real.executionPayload, withdrawalsRoot: root } },
    'engine_newPayloadV4',
    [[], real.parentBeaconBlockRoot, []],
  ],
]
test.each(forks)('a payload of %s goes in by its version', async (_, envelope, method, more) => {
  const calls: [string, readonly unknown[]][] = []
  const { url } = await serveRpc((name, params) => {
    if (name === 'engine_exchangeCapabilities') return { result: KARST }
    calls.push([name, params])
    return { result: valid }
  })
  expect(await newPayload(createEngineClient(url, secret), envelope)).toEqual(valid)
  expect(calls).toEqual([[method, [envelope.executionPayload, ...more]]])
})

test('an engine without V2 is asked by V1', async () => {
  const { url, asked } = await serveEngine(['engine_newPayloadV1'], () => ({ result: valid }))
  await newPayload(createEngineClient(url, secret), { executionPayload: bedrock })
  expect(asked).toEqual(['engine_newPayloadV1'])
  const canyon = { executionPayload: { ...bedrock, withdrawals: [] as const } }
  await expect(newPayload(createEngineClient(url, secret), canyon)).rejects.toThrow(NoEngineMethodError)
})

describe('a method of which there are versions', () => {
  const built = { parentHash: root, blockNumber: '0x7', stateRoot: root, transactions: [] }
  const unsupported: Reply = { error: { code: -38005, message: 'Unsupported fork' } }
  /** An engine whose chain is at the fork that wants this version of `getPayload`. */
  const atFork = (version: number, has: readonly string[] = KARST) =>
    serveEngine(has, (method) =>
      method === `engine_getPayloadV${version}` ? { result: { executionPayload: built } } : unsupported,
    )

  test.each([
    [4, ['engine_getPayloadV4']],
    [5, ['engine_getPayloadV4', 'engine_getPayloadV5']],
    [6, ['engine_getPayloadV4', 'engine_getPayloadV5', 'engine_getPayloadV6']],
  ])('is called in the version of its fork: getPayload V%d', async (version, calls) => {
    const { url, asked } = await atFork(version, [...KARST, 'engine_getPayloadV6'])
    expect((await getPayload(createEngineClient(url, secret), '0x01', 4)).blockNumber).toBe(7n)
    expect(asked).toEqual(calls)
  })

  test('an engine too old for its chain is named so, and asked again after its upgrade', async () => {
    const has = KARST.filter((method) => method !== 'engine_getPayloadV5')
    const { url } = await atFork(5, has)
    const engine = createEngineClient(url, secret)
    await expect(getPayload(engine, '0x01', 4)).rejects.toThrow(
      /has engine_getPayload V1, V2, V3, V4, and it refuses V4 for its chain's fork: install a version/,
    )
    has.push('engine_getPayloadV5')
    expect((await getPayload(engine, '0x01', 4)).blockNumber).toBe(7n)
  })

  test('an engine that does not say what it has is asked by what is known', async () => {
    const { url, requests } = await serveRpc((method) =>
      method === 'engine_getPayloadV5'
        ? { result: built }
        : method === 'engine_exchangeCapabilities'
          ? methodNotFound(method)
          : unsupported,
    )
    const engine = createEngineClient(url, secret)
    await getPayload(engine, '0x01', 4)
    await getPayload(engine, '0x02', 4)
    expect(requests.flatMap(({ methods }) => methods)).toEqual([
      'engine_exchangeCapabilities',
      ...['engine_getPayloadV4', 'engine_getPayloadV5', 'engine_getPayloadV4', 'engine_getPayloadV5'],
    ])
  })

  test.each<[string, Reply]>([
    ['a payload it does not have', { error: { code: -38001, message: 'Unknown payload' } }],
    ['a fault of its own', { error: { code: -32000, message: 'disk full' } }],
  ])('%s is no reason to try another version', async (_, reply) => {
    const { url, asked } = await serveEngine(KARST, () => reply)
    await expect(getPayload(createEngineClient(url, secret), '0x01', 3)).rejects.toMatchObject({
      name: 'AnsweredError',
    })
    expect(asked).toEqual(['engine_getPayloadV3'])
  })
})

test('a forkchoice leaves safe and finalized where they are', async () => {
  let given: readonly unknown[] = []
  const { url, asked } = await serveEngine(KARST, (_, params) => {
    given = params
    return { result: { payloadStatus: valid, payloadId: null } }
  })
  await forkchoiceUpdated(createEngineClient(url, secret), { head: root })
  const none = `0x${'00'.repeat(32)}`
  expect(given).toEqual([{ headBlockHash: root, safeBlockHash: none, finalizedBlockHash: none }, null])
  expect(asked).toEqual(['engine_forkchoiceUpdatedV3'])
})

test('bodies, with what the client lacks', async () => {
  const { url } = await serveRpc(() => ({ result: [{ transactions: ['0x01'], withdrawals: [] }, null] }))
  const bodies = await getPayloadBodiesByRange(createEngineClient(url, secret), 7n, 3n)
  expect(bodies).toEqual([{ transactions: ['0x01'] }, null])
})

test.each<[string, Reply, string]>([
  ['a fork it does not know', { error: { code: -38005, message: 'Unsupported fork' } }, 'it refuses V3, V4'],
  ['a missing method', { error: { code: -32601, message: 'the method x does not exist' } }, 'does not exist'],
  ['nonsense', { result: { status: 'FINE' } }, 'unexpected answer'],
])('%s is an error that says so', async (_, reply, message) => {
  const { url } = await serveEngine(KARST, () => reply)
  const failed: unknown = await newPayload(createEngineClient(url, secret), real).catch((error: unknown) => error)
  expect(classify(failed).message).toContain(message)
})

test('a rejected token is reported as a credential, a silent engine as a time-out, a dead one as refused', async () => {
  const rejecting = await serve((_, response) => {
    response.statusCode = 401
    response.end('token is expired')
  })
  const silent = await serve(() => {})
  const classOf = (url: string) =>
    exchangeCapabilities(createEngineClient(url, secret, { timeouts: { exchangeCapabilities: 100 } })).catch(
      (error: unknown) => classify(error).failure,
    )
  expect(await classOf(rejecting)).toBe('credential')
  expect(await classOf(silent)).toBe('timeout')
  expect(await classOf(await closedUrl())).toBe('refused')
})
