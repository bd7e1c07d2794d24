import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { type GateServer, type ServeOptions, serveGate } from '../../lib/gate/serve.ts'
import { readPayload } from '../../lib/store/payload.ts'
import { blockIn, blockOf, envelopeOf, randomTransactions } from './payloads.ts'
import { basic, CHAIN, type Rig, rig } from './rig.ts'

const open: GateServer[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

async function serve(
  options: Parameters<typeof rig>[0] = {},
  serving: ServeOptions = {},
): Promise<Rig & { server: GateServer }> {
  const one = await rig(options)
  const server = await serveGate(one.gate, { port: 0, ...serving })
  open.push(server)
  return { ...one, server }
}

const path = `/v1/chains/${CHAIN}/nodes/a`
const headers = { authorization: basic('a'), 'content-type': 'application/json' }
const leader = '{"jsonrpc":"2.0","id":1,"method":"conductor_leader"}'

function post(server: GateServer, body: string, options: { agent?: Agent; headers?: Record<string, string> } = {}) {
  return fetchOnce(server, body, { path, method: 'POST', headers, ...options })
}

async function fetchOnce(
  server: GateServer,
  body: string,
  options: object,
): Promise<{ status: number; body: string; headers: object }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: server.port, ...options }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString(), headers: response.headers })
      })
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

test('credentials in the URL and the path arrive as op-node sends them', async () => {
  const { server } = await serve()
  const response = await post(server, leader)
  expect(response).toMatchObject({ status: 200, body: '{"jsonrpc":"2.0","id":1,"result":true}\n' })
  expect(response.headers).toMatchObject({ 'content-type': 'application/json', 'content-length': '39' })
})

test('health and readiness need no secret', async () => {
  const { server } = await serve()
  const get = (path: string) => fetchOnce(server, '', { path })
  expect(await get('/healthz')).toMatchObject({ status: 200, body: '{"version":"1.2.3"}' })
  expect(await get('/readyz')).toMatchObject({ status: 200 })
  expect(await fetchOnce(server, '', { path: '/healthz', method: 'HEAD' })).toMatchObject({ status: 200, body: '' })
})

test('a notification is answered without a body', async () => {
  const { server } = await serve()
  expect(await post(server, '{"jsonrpc":"2.0","method":"conductor_leader"}')).toMatchObject({ status: 204, body: '' })
})

test('a block of 5 MB, 10 MB as JSON, is committed, sent whole or in chunks', async () => {
  const { server, head, objects } = await serve()
  let parentHash = blockOf(10).hash
  for (const [number, more] of [
    [11, {}],
    [12, { 'transfer-encoding': 'chunked' }],
  ] as const) {
    const block = { ...blockOf(number), parentHash }
    const envelope = envelopeOf(block, { transactions: randomTransactions(5_000_000) })
    parentHash = blockIn(envelope).hash
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'conductor_commitUnsafePayload', params: [envelope] })
    expect(body.length).toBeGreaterThan(10_000_000)
    expect(await post(server, body, { headers: { ...headers, ...more } })).toMatchObject({
      status: 200,
      body: expect.stringContaining('"result":null'),
    })
    const stored = await head()
    if (!stored) throw new Error('no head')
    expect(JSON.parse(await readPayload(objects, stored))).toEqual(envelope)
  }
})

test('a body above the limit is refused before it is read, and the connection lives on', async () => {
  const { server } = await serve({ maxBodyBytes: 1_000 })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const large = ' '.repeat(500_000)
  for (const more of [{}, { 'transfer-encoding': 'chunked' }]) {
    const refused = await post(server, large, { agent, headers: { ...headers, ...more } })
    expect(refused.status).toBe(413)
    expect(JSON.parse(refused.body)).toMatchObject({ error: { message: expect.stringContaining('1000 bytes') } })
  }
  expect(await post(server, leader, { agent })).toMatchObject({ status: 200 })
  agent.destroy()
})

test('a body without an announced length is refused as soon as it is too large', async () => {
  const { server } = await serve({ maxBodyBytes: 1_000 })
  const socket = connect(server.port, '127.0.0.1')
  const head = `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: ${basic('a')}\r\ntransfer-encoding: chunked\r\n\r\n`
  socket.write(`${head}400\r\n${' '.repeat(1024)}\r\n`)
  const started = performance.now()
  const [answer] = await once(socket, 'data')
  expect(String(answer)).toMatch(/^HTTP\/1.1 413 /)
  expect(performance.now() - started).toBeLessThan(1_000)
  socket.destroy()
})

test('a body that does not arrive is given up, and the others are served meanwhile', async () => {
  const { server, lines } = await serve({}, { bodyTimeoutMs: 150 })
  const socket = connect(server.port, '127.0.0.1')
  socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: ${basic('a')}\r\ncontent-length: 1000\r\n\r\n{"json`)
  const started = performance.now()
  expect(await post(server, leader)).toMatchObject({ status: 200 })
  const [answer] = await once(socket, 'data')
  expect(performance.now() - started).toBeLessThan(1_000)
  expect(String(answer)).toMatch(/^HTTP\/1.1 408 [\s\S]*connection: close[\s\S]*did not arrive within 150 ms/i)
  await once(socket, 'close')
  expect(lines).toMatchObject([{ level: 'warn', facts: { code: 'body-timeout' } }])
})

test('a client that goes away in the middle of a body harms no other client', async () => {
  const { server } = await serve()
  const socket = connect(server.port, '127.0.0.1')
  socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: ${basic('a')}\r\ncontent-length: 1000\r\n\r\n{"json`)
  await sleep(30)
  socket.resetAndDestroy()
  await sleep(30)
  expect(await post(server, leader)).toMatchObject({ status: 200 })
})

test('headers that are no HTTP or too many are refused', async () => {
  const { server } = await serve()
  for (const text of ['nonsense\r\n\r\n', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`]) {
    const socket = connect(server.port, '127.0.0.1')
    socket.write(text)
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1.1 4(00|31) /)
  }
  expect(await post(server, leader)).toMatchObject({ status: 200 })
})

test('connections are kept between blocks', async () => {
  const { server } = await serve()
  const agent = new Agent({ keepAlive: true })
  let sockets = 0
  agent.on('free', () => {})
  const createConnection = agent.createConnection.bind(agent)
  agent.createConnection = (...input) => {
    sockets += 1
    return createConnection(...input)
  }
  for (let i = 0; i < 5; i++) await post(server, leader, { agent })
  expect(sockets).toBe(1)
  agent.destroy()
})

test('closing lets a running commit finish', async () => {
  let release = () => {}
  const waiting = new Promise<void>((resolve) => {
    release = resolve
  })
  const { server, heads, head } = await serve()
  const commit = heads.commit
  const slow = await serve({
    seeded: false,
    heads: { ...heads, commit: (chain, write) => waiting.then(() => commit(chain, write)) },
  })
  const envelope = envelopeOf(blockOf(11))
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'conductor_commitUnsafePayload', params: [envelope] })
  const answer = post(slow.server, body)
  await sleep(50)
  const closed = slow.server.close()
  open.splice(open.indexOf(slow.server), 1)
  release()
  expect(await answer).toMatchObject({ status: 200, body: expect.stringContaining('"result":null') })
  await closed
  expect(await head()).toMatchObject({ number: 11n })
  await expect(post(slow.server, leader)).rejects.toThrow('ECONNREFUSED')
  expect(await post(server, leader)).toMatchObject({ status: 200 })
})

test('a taken port is named', async () => {
  const { server, gate } = await serve()
  await expect(serveGate(gate, { port: server.port })).rejects.toMatchObject({
    name: 'PortTakenError',
    message: `port ${server.port} of 127.0.0.1 is taken`,
  })
})
