import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { failingReason } from '../../lib/monitor/run.ts'
import { commit } from '../../lib/protocol/commit.ts'
import { renderReason } from '../../lib/protocol/reason.ts'
import { dynamoClient } from '../../lib/store/dynamo/client.ts'
import { dynamoStores } from '../../lib/store/dynamo/stores.ts'
import { childOf, genesis } from './blocks.ts'

let server: Server

afterEach(() => {
  server.closeAllConnections()
  server.close()
})

/** Stores on an endpoint that behaves as set, with the default deadline of 400 ms. */
async function storesOn(listener: RequestListener) {
  server = createServer(listener).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return dynamoStores(dynamoClient({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }))
}

async function failure(call: Promise<unknown>) {
  const begun = performance.now()
  const error = await call.then(
    () => undefined,
    (error: unknown) => error,
  )
  return { error, ms: performance.now() - begun }
}

const write = commit('ada', childOf(genesis), { payload: new Uint8Array(5_000) }, 1)
const json = { 'content-type': 'application/x-amz-json-1.0' }

test('an endpoint that never answers: every call fails within its deadline', async () => {
  const { heads, leases, history, monitorLease } = await storesOn(() => {})
  const calls = [
    heads.commit('901', write),
    heads.read('901'),
    heads.readWithPayload('901'),
    leases.read('901'),
    history.list('901'),
    monitorLease.read('901'),
  ]
  for (const { error, ms } of await Promise.all(calls.map(failure))) {
    expect(error).toMatchObject({ name: 'StoreUnavailableError', code: 'store-unavailable' })
    expect(ms).toBeLessThan(500)
  }
})

test('an answer that begins and never ends', async () => {
  const { heads } = await storesOn((_, response) => {
    response.writeHead(200, { ...json, 'content-length': '100' })
    response.write('{')
  })
  const { error, ms } = await failure(heads.commit('901', write))
  expect(error).toMatchObject({ name: 'StoreUnavailableError', operation: 'commit' })
  expect(ms).toBeLessThan(500)
})

test('a first try without an answer is repeated in time', async () => {
  let tries = 0
  const { heads } = await storesOn((_, response) => {
    if (++tries > 1) response.writeHead(200, json).end('{}')
  })
  const begun = performance.now()
  expect(await heads.commit('901', write)).toEqual({ applied: true })
  expect(performance.now() - begun).toBeLessThan(400)
  expect(tries).toBe(2)
})

test('a connection cut in the middle is repeated', async () => {
  let tries = 0
  const { heads } = await storesOn((request, response) => {
    if (++tries > 1) response.writeHead(200, json).end('{}')
    else request.socket.destroy()
  })
  expect(await heads.commit('901', write)).toEqual({ applied: true })
})

test.each([
  [500, 'InternalServerError', 2],
  [503, 'ServiceUnavailable', 2],
  [400, 'ResourceNotFoundException', 1],
  [400, 'AccessDeniedException', 1],
  [400, 'ValidationException', 1],
])('status %i %s: unavailable after %i tries, never an answer', async (status, type, expected) => {
  let tries = 0
  const { heads } = await storesOn((_, response) => {
    tries++
    response.writeHead(status, json).end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}` }))
  })
  const { error, ms } = await failure(heads.commit('901', write))
  expect(error).toMatchObject({ name: 'StoreUnavailableError', message: expect.stringContaining(type) })
  expect(tries).toBe(expected)
  expect(ms).toBeLessThan(500)
})

/** Answers as DynamoDB does; a call that it throttles is repeated by the SDK only after a while. */
const answers = (type: string, status = 400) =>
  storesOn((_, response) => {
    const body = { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'says DynamoDB' }
    response.writeHead(status, json).end(JSON.stringify(body))
  })

describe('a deadline that ends between two attempts says what the last one was answered', () => {
  // The SDK draws how long it waits: the longest wait, which outlasts the deadline.
  beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0.999))
  afterEach(() => void vi.restoreAllMocks())

  test.each([
    ['ThrottlingException', 400],
    ['ProvisionedThroughputExceededException', 400],
    ['RequestLimitExceeded', 400],
  ])('%s', async (type, status) => {
    const { heads, leases, history, monitorLease } = await answers(type, status)
    const calls = [
      heads.commit('901', write),
      heads.read('901'),
      heads.readWithPayload('901'),
      leases.read('901'),
      history.list('901'),
      monitorLease.acquire('901', 'm1', 4_000, 1),
    ]
    for (const { error, ms } of await Promise.all(calls.map(failure))) {
      expect(error).toMatchObject({
        name: 'StoreUnavailableError',
        message: expect.stringMatching(`failed: ${type}: says DynamoDB; then no answer within 400 ms$`),
        remedy: expect.stringContaining('DynamoDB throttles'),
        cause: expect.objectContaining({ name: type }),
      })
      expect(ms).toBeLessThan(500)
    }
  })

  test('so does the reason that pages', async () => {
    const { leases } = await answers('ThrottlingException')
    const { error } = await failure(leases.read('901'))
    expect(renderReason(failingReason({ since: 1_000, error }, 6_000))).toBe(
      'the store has not served Baton for 5000 ms (read on baton-leases/901 failed: ThrottlingException: says DynamoDB; then no answer within 400 ms): no block can be committed, and Baton grants nothing',
    )
  })

  test('of reads that are combined', async () => {
    server = createServer((_, response) => {
      response.writeHead(400, json).end('{"__type":"x#ThrottlingException","message":"too many"}')
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { heads } = dynamoStores(dynamoClient({ endpoint }), undefined, { gatherMs: 5 })
    for (const { error } of await Promise.all([heads.read('901'), heads.read('902')].map(failure)))
      expect(error).toMatchObject({ message: expect.stringContaining('ThrottlingException: too many; then no answer') })
  })
})

test('an answer to one call is not said of another one', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.999)
  let calls = 0
  const { heads } = await storesOn((_, response) => {
    if (++calls > 1) return
    response.writeHead(400, json).end('{"__type":"x#ThrottlingException","message":"too many"}')
  })
  expect((await failure(heads.read('901'))).error).toMatchObject({ message: expect.stringContaining('too many') })
  expect((await failure(heads.read('901'))).error).toMatchObject({
    message: expect.stringMatching(/failed: TimeoutError: (?!.*too many)/),
  })
  vi.restoreAllMocks()
})

test('a first attempt that was answered and a second one that was not: both are said', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
  let calls = 0
  const { heads } = await storesOn((_, response) => {
    if (++calls > 1) return
    response.writeHead(500, json).end('{"__type":"x#InternalServerError","message":"oh"}')
  })
  const { error } = await failure(heads.read('901'))
  vi.restoreAllMocks()
  expect(calls).toBe(2)
  expect(error).toMatchObject({ message: expect.stringContaining('failed: InternalServerError: oh; then ') })
})

test('the error says what to do', async () => {
  const { heads } = await storesOn((_, response) => {
    response.writeHead(400, json).end('{"__type":"x#ResourceNotFoundException","message":"no such table"}')
  })
  await expect(heads.read('901')).rejects.toMatchObject({
    message: 'read on baton-heads/901 failed: ResourceNotFoundException: no such table',
    remedy: expect.stringContaining('Create the tables'),
    cause: expect.objectContaining({ name: 'ResourceNotFoundException' }),
  })
})

test('nothing listens', async () => {
  const closed = dynamoStores(dynamoClient({ endpoint: 'http://127.0.0.1:9' }))
  const { error, ms } = await failure(closed.heads.commit('901', write))
  expect(error).toMatchObject({ name: 'StoreUnavailableError', message: expect.stringContaining('ECONNREFUSED') })
  expect(ms).toBeLessThan(500)
})
