import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createNodeClient } from '../../lib/chain/client.ts'
import { answer, classify } from '../../lib/chain/failure.ts'
import { getSequencerActive } from '../../lib/chain/sequencer-active.ts'
import { closedUrl, serve, serveRpc } from './rpc-server.ts'

const call = (url: string, options = {}) => answer(getSequencerActive(createNodeClient(url, options)))

const classOf = async (url: string, options = {}) => {
  const answered = await call(url, options)
  return answered.ok ? 'ok' : answered.failure
}

describe.each([{ batch: true }, { batch: false }])('failure classes, $batch batch', (options) => {
  test('a closed port is refused within milliseconds', async () => {
    const url = await closedUrl()
    const from = performance.now()
    expect(await call(url, options)).toMatchObject({
      failure: 'refused',
      message: expect.stringContaining('ECONNREFUSED'),
    })
    expect(performance.now() - from).toBeLessThan(100)
  })

  test('a server that accepts and never answers is a timeout, after the timeout', async () => {
    const url = await serve(() => {})
    const from = performance.now()
    expect(await classOf(url, { ...options, timeoutMs: 120 })).toBe('timeout')
    expect(performance.now() - from).toBeGreaterThan(110)
    expect(performance.now() - from).toBeLessThan(300)
  })

  test('a server that freezes halfway through its answer is a timeout', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('{"jsonrpc":')
    })
    expect(await classOf(url, { ...options, timeoutMs: 120 })).toBe('timeout')
  })

  test.each([
    [401, 'missing token', 'credential'],
    [403, 'invalid host specified', 'credential'],
    [401, '{"error":{"code":-32000,"message":"stale token"}}', 'credential'],
    [502, 'bad gateway', 'refused'],
    [503, 'unavailable', 'other'],
    [504, 'gateway timeout', 'timeout'],
    [404, 'not found', 'other'],
  ] as const)('HTTP %i %s is %s', async (status, text, failure) => {
    const url = await serve((_, response) => response.writeHead(status).end(text))
    const answered = await call(url, options)
    expect(answered).toMatchObject({ ok: false, failure })
    expect(answered).toMatchObject({ message: expect.stringContaining(String(status)) })
  })

  test.each([
    [-32601, 'the method admin_sequencerActive does not exist/is not available', 'method'],
    [-32602, 'too many arguments, want at most 0', 'method'],
    [-32000, 'unauthorized', 'credential'],
    [-32000, 'missing trie node 12ab (path ) state 0x12ab is not available', 'other'],
    [-32603, 'internal error', 'other'],
  ] as const)('JSON-RPC %i %s is %s', async (code, message, failure) => {
    const { url } = await serveRpc(() => ({ error: { code, message } }))
    expect(await call(url, options)).toEqual({ ok: false, failure, message })
  })

  test.each(['<html>', '', '{"jsonrpc":"2.0"', '[]', 'null', '{"jsonrpc":"2.0","id":1,"result":"yes"}'])(
    'the malformed answer %j is other',
    async (text) => {
      const url = await serve((_, response) => {
        response.setHeader('content-type', 'application/json').end(text)
      })
      expect(await classOf(url, options)).toBe('other')
    },
  )

  test('a connection cut once is asked again', async () => {
    let requests = 0
    const url = await serve((request, response) => {
      request.resume().on('end', () => {
        requests += 1
        if (requests === 1) request.socket.destroy()
        else response.writeHead(401).end()
      })
    })
    expect(await classOf(url, options)).toBe('credential')
    expect(requests).toBe(2)
  })

  test('a connection cut twice is refused', async () => {
    const url = await serve((request) => request.socket.destroy())
    expect(await classOf(url, options)).toBe('refused')
  })

  test('a process killed while it is asked is refused, not waited for', async () => {
    const server = createServer((socket) => {
      server.close()
      setTimeout(() => socket.resetAndDestroy(), 30)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    expect(await classOf(`http://127.0.0.1:${address.port}`, options)).toBe('refused')
  })
})

test('an unresolvable name is our own failure', async () => {
  expect(await classOf('http://no-such-host.invalid:1', { timeoutMs: 3000 })).toBe('other')
})

test('a message never shows the password of the URL', async () => {
  const secret = (url: string) => url.replace('http://', 'http://node0:hunter2@')
  const { url } = await serveRpc(() => ({ error: { code: -32000, message: 'no' } }))
  const urls = [
    secret(url),
    secret(await closedUrl()),
    secret(await serve((_, response) => response.writeHead(500).end())),
  ]
  for (const answered of await Promise.all(urls.map((url) => call(url)))) {
    expect(JSON.stringify(answered)).not.toContain('hunter2')
  }
})

test('anything thrown is classified', () => {
  expect(classify('text')).toEqual({ failure: 'other', message: 'text' })
  expect(classify(undefined)).toEqual({ failure: 'other', message: 'undefined' })
  const loop = new Error('round')
  loop.cause = loop
  expect(classify(loop)).toEqual({ failure: 'other', message: 'round' })
  const unreachable = Object.assign(new Error('connect EHOSTUNREACH 10.0.0.9:1'), { code: 'EHOSTUNREACH' })
  expect(classify(new Error('outer', { cause: unreachable }))).toMatchObject({ failure: 'timeout' })
})
