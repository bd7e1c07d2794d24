import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { logSeries, type Repeated } from '../../lib/gate/context.ts'
import { serveGate } from '../../lib/gate/serve.ts'
import { blockOf, envelopeOf } from './payloads.ts'
import { basic, CHAIN, rig, send } from './rig.ts'

const MB = 1_000_000
const path = `/v1/chains/${CHAIN}/nodes/a`
const leader = '{"jsonrpc":"2.0","id":1,"method":"conductor_leader"}'

async function serve(options: Parameters<typeof rig>[0] = {}, bodyTimeoutMs = 1_000) {
  const one = await rig(options)
  const server = await serveGate(one.gate, { port: 0, bodyTimeoutMs })
  onTestFinished(() => server.close())
  return { ...one, server }
}

describe('size and depth are looked at before parsing', () => {
  const commit = (param: string) =>
    `{"jsonrpc":"2.0","id":1,"method":"conductor_commitUnsafePayload","params":[${param}]}`
  test.each([
    ['10 MB of open lists', '['.repeat(10 * MB), 'deeper than 32'],
    ['10 MB of open objects', '{"a":'.repeat(2 * MB), 'deeper than 32'],
    ['closed lists', `${'['.repeat(5 * MB)}${']'.repeat(5 * MB)}`, 'deeper than 32'],
    ['lists in a parameter', commit(`${'['.repeat(33)}${']'.repeat(33)}`), 'deeper than 32'],
    ['after a string with brackets', `["]]]]\\"",${'['.repeat(40)}`, 'deeper than 32'],
    ['millions of keys', `{${'"":0,'.repeat(2 * MB)}"a":0}`, 'more than 250000 values'],
    ['millions of values', `[${'0,'.repeat(5 * MB)}0]`, 'more than 250000 values'],
  ])('%s', async (_, body, problem) => {
    const { gate } = await rig()
    const started = performance.now()
    const { body: answer } = await send(gate, 'a', body)
    expect(performance.now() - started).toBeLessThan(1_500)
    expect(JSON.parse(answer).error).toMatchObject({ code: -32600, message: expect.stringContaining(problem) })
  })

  test.each(['["', '{"a":"\\', '"\\"', '{"', '[[[["x'])('an open string ends the look: %j', async (body) => {
    const { gate } = await rig()
    expect(JSON.parse((await send(gate, 'a', body)).body)).toMatchObject({ error: { code: -32700 } })
  })

  test('brackets in strings count for nothing', async () => {
    const { gate } = await rig()
    const later = { ...envelopeOf(blockOf(11)), note: '[{'.repeat(100_000) }
    expect(JSON.parse((await send(gate, 'a', commit(JSON.stringify(later)))).body)).toMatchObject({ result: null })
  })
})

describe('what a body is that is no JSON', () => {
  test.each([
    ['gzip', gzipSync(leader), 'compressed (gzip)'],
    ['zstd', zstdCompressSync(Buffer.from(leader)), 'compressed (zstd)'],
    ['SSZ', Buffer.from([0x10, 0, 0, 0, 0xff, 0xfe, 0x80]), 'binary'],
    ['a byte order mark', Buffer.from(`\ufeff${leader}`), 'byte order mark'],
    ['nothing', Buffer.alloc(0), 'empty'],
    ['one byte', Buffer.from([0x1f]), 'not JSON'],
    ['text', Buffer.from('hello'), 'not JSON'],
  ])('%s is called so', async (_, body, words) => {
    const { gate } = await rig()
    const { error } = JSON.parse((await send(gate, 'a', body)).body)
    expect(error).toMatchObject({ code: -32700, message: expect.stringContaining(words) })
  })
})

describe('a refused body', () => {
  test.each([
    ['announced', 'close', false],
    ['chunked', 'close', true],
    ['announced, on a kept connection', 'keep-alive', false],
  ])('above 24 MB, %s: a client that sends all before it reads sees the 413', async (_, connection, chunked) => {
    const { server } = await serve({}, 10_000)
    const socket = connect(server.port, '127.0.0.1')
    const length = 25 * 1024 * 1024
    const how = chunked ? 'transfer-encoding: chunked' : `content-length: ${length}`
    socket.pause()
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: x\r\nconnection: ${connection}\r\nauthorization: ${basic('a')}\r\n${how}\r\n\r\n`,
    )
    const body = ' '.repeat(length)
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject)
      socket.write(chunked ? `${length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body, (error) =>
        error ? reject(error) : resolve(),
      )
    })
    await sleep(50)
    const answer = once(socket, 'data')
    socket.resume()
    expect(String((await answer)[0])).toMatch(/^HTTP\/1.1 413 [\s\S]*larger than 25165824 bytes/)
    socket.destroy()
  })

  test('without a secret: the 401 is seen, too', async () => {
    const { server } = await serve({}, 10_000)
    const status = await new Promise((resolve) => {
      const sent = request({ port: server.port, path, method: 'POST', agent: false, headers: { connection: 'close' } })
      sent.on('response', ({ statusCode }) => resolve(statusCode)).on('error', resolve)
      sent.end(Buffer.alloc(20 * MB, ' '))
    })
    expect(status).toBe(401)
  })

  test('a client that never ends its body is let go', async () => {
    const { server } = await serve({ maxBodyBytes: 1_000 })
    const socket = connect(server.port, '127.0.0.1')
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: ${basic('a')}\r\ncontent-length: 5000\r\n\r\n{`,
    )
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1.1 413 /)
    const started = performance.now()
    await once(socket, 'close')
    expect(performance.now() - started).toBeLessThan(3_000)
  })

  test('a client that resets is called so, not late', async () => {
    const { server, lines } = await serve()
    const socket = connect(server.port, '127.0.0.1')
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: ${basic('a')}\r\ncontent-length: 1000\r\n\r\n{"json`,
    )
    await sleep(50)
    socket.resetAndDestroy()
    await vi.waitFor(() => expect(lines).toHaveLength(1))
    expect(lines[0]).toMatchObject({
      level: 'warn',
      message: 'the client closed the connection after 6 bytes of the body (it announced 1000)',
      facts: { code: 'body-cut-off' },
    })
  })
})

describe('the log of refusals', () => {
  test('20,000 requests without a secret are a few lines', async () => {
    const { gate, lines } = await rig()
    for (let i = 0; i < 20_000; i++) {
      const answer = await gate({ method: 'POST', path, authorization: undefined, body: new Uint8Array() })
      expect(answer.status).toBe(401)
    }
    expect(lines).toHaveLength(1)
  })

  test('made-up paths are bounded as well', async () => {
    const { gate, lines } = await rig()
    for (let i = 0; i < 5_000; i++) {
      await gate({
        method: 'POST',
        path: `/v1/chains/901/nodes/n${i}`,
        authorization: undefined,
        body: new Uint8Array(),
      })
      await gate({ method: 'POST', path: `/x/${i}`, authorization: undefined, body: new Uint8Array() })
    }
    expect(lines.length).toBeLessThan(30)
  })

  test('a series reports its first at once, then a count a minute, and ends', () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const reported: (Repeated | undefined)[] = []
    const series = logSeries(Date.now, 60_000)
    const begun = Date.now()
    for (let i = 0; i < 100; i++) {
      series('x', (repeated) => reported.push(repeated))
      vi.advanceTimersByTime(100)
    }
    vi.advanceTimersByTime(60_000)
    expect(reported).toEqual([undefined, { count: 99, first: begun + 100, last: begun + 9_900 }])
    vi.advanceTimersByTime(120_000)
    series('x', (repeated) => reported.push(repeated))
    expect(reported).toHaveLength(3)
    expect(reported[2]).toBeUndefined()
  })
})
