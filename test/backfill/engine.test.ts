import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { createEngineClient } from '../../lib/chain/engine/client.ts'
import { exchangeCapabilities } from '../../lib/chain/engine/exchange-capabilities.ts'
import { forkchoiceUpdated } from '../../lib/chain/engine/forkchoice-updated.ts'
import { newPayload, payloadVersion } from '../../lib/chain/engine/new-payload.ts'
import { getPayloadBodiesByRange } from '../../lib/chain/engine/payload-bodies.ts'
import { signToken } from '../../lib/chain/engine/token.ts'
import type { Envelope } from '../../lib/chain/envelope.ts'
import { classify } from '../../lib/chain/failure.ts'
import { envelopes } from '../chain/fixtures.ts'
import { closedUrl, type Reply, serve, serveRpc } from '../chain/rpc-server.ts'

const secret = Buffer.from('5e'.repeat(32), 'hex')
const [real] = envelopes
if (!real) throw new Error('no fixtures')
const valid = { status: 'VALID', latestValidHash: real.executionPayload.blockHash, validationError: null }

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
    calls.push([name, params])
    return { result: valid }
  })
  expect(await newPayload(createEngineClient(url, secret), envelope)).toEqual(valid)
  expect(calls).toEqual([[method, [envelope.executionPayload, ...more]]])
})

test('an engine without V2 is asked by V1', async () => {
  const { url, requests } = await serveRpc(() => ({ result: valid }))
  await newPayload(createEngineClient(url, secret), { executionPayload: bedrock }, 1)
  expect(requests[0]?.methods).toEqual(['engine_newPayloadV1'])
  expect(payloadVersion({ executionPayload: bedrock })).toBe(2)
})

test('a forkchoice leaves safe and finalized where they are', async () => {
  let given: readonly unknown[] = []
  const { url } = await serveRpc((_, params) => {
    given = params
    return { result: { payloadStatus: valid, payloadId: null } }
  })
  await forkchoiceUpdated(createEngineClient(url, secret), { head: root })
  const none = `0x${'00'.repeat(32)}`
  expect(given).toEqual([{ headBlockHash: root, safeBlockHash: none, finalizedBlockHash: none }, null])
})

test('bodies, with what the client lacks', async () => {
  const { url } = await serveRpc(() => ({ result: [{ transactions: ['0x01'], withdrawals: [] }, null] }))
  const bodies = await getPayloadBodiesByRange(createEngineClient(url, secret), 7n, 3n)
  expect(bodies).toEqual([{ transactions: ['0x01'] }, null])
})

test.each<[string, Reply, string]>([
  ['a wrong version', { error: { code: -38005, message: 'Unsupported fork' } }, 'Unsupported fork'],
  ['a missing method', { error: { code: -32601, message: 'the method x does not exist' } }, 'does not exist'],
  ['nonsense', { result: { status: 'FINE' } }, 'unexpected answer'],
])('%s is an error that tells', async (_, reply, message) => {
  const { url } = await serveRpc(() => reply)
  const failed: unknown = await newPayload(createEngineClient(url, secret), real).catch((error: unknown) => error)
  expect(classify(failed).message).toContain(message)
})

test('a rejected token is told as a credential, a silent engine as a time-out, a dead one as refused', async () => {
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
