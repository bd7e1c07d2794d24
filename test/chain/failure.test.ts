import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createNodeClient } from '../../lib/chain/client.ts'
import { getSequencerActive } from '../../lib/chain/consensus.ts'
import { answer, classify } from '../../lib/chain/failure.ts'
import { mostBytes } from '../../lib/chain/rpc-transport.ts'
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
    [407, 'proxy authentication required', 'credential'],
    [500, '<html><title>Internal error</title></html>', 'proxy'],
    [502, 'bad gateway', 'proxy'],
    [502, '', 'proxy'],
    [503, 'unavailable', 'proxy'],
    [503, '{"jsonrpc":"2.0","id":1,"error":{"code":-32011,"message":"no backends available"}}', 'proxy'],
    [504, 'gateway timeout', 'proxy'],
    [404, 'not found', 'proxy'],
    [429, 'too many requests', 'proxy'],
    [301, 'moved', 'proxy'],
    [308, 'moved', 'proxy'],
    [204, '', 'proxy'],
  ] as const)('HTTP %i %s is %s', async (status, text, failure) => {
    const url = await serve((_, response) => response.writeHead(status).end(text))
    const answered = await call(url, options)
    expect(answered).toMatchObject({ ok: false, failure })
    if (status >= 300) expect(answered).toMatchObject({ message: expect.stringContaining(String(status)) })
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

  test.each([
    ['<html>', 'proxy'],
    ['', 'proxy'],
    ['{"jsonrpc":"2.0"', 'proxy'],
    ['[]', 'proxy'],
    ['null', 'proxy'],
    ['{"status":"ok"}', 'proxy'],
    ['"captive portal"', 'proxy'],
    ['{"jsonrpc":"2.0","id":1,"result":"yes"}', 'other'],
  ])('the malformed answer %j is %s', async (text, failure) => {
    const url = await serve((_, response) => {
      response.setHeader('content-type', 'application/json').end(text)
    })
    expect(await classOf(url, options)).toBe(failure)
  })

  test('what is no HTTP, or chunks that are none, is not the node', async () => {
    for (const said of ['SSH-2.0-OpenSSH_9.6\r\n', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n']) {
      const server = createServer((socket) => void socket.on('error', () => {}).write(said))
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      onTestFinished(() => void server.close())
      const { port } = server.address() as AddressInfo
      expect(await classOf(`http://127.0.0.1:${port}`, options)).toBe('proxy')
    }
  })

  test('a body that drips is silence, at the timeout', async () => {
    const url = await serve((_, response) => {
      const drip = setInterval(() => response.write(' '), 20)
      response.writeHead(200, { 'content-type': 'application/json' }).on('close', () => clearInterval(drip))
    })
    const from = performance.now()
    expect(await classOf(url, { ...options, timeoutMs: 150 })).toBe('timeout')
    expect(performance.now() - from).toBeLessThan(400)
  })

  test('of an error only the first bytes are read, and its end is not waited for', async () => {
    let written = 0
    const url = await serve((_, response) => {
      response.writeHead(401)
      const flood = setInterval(() => {
        written += 65_536
        response.write('x'.repeat(65_536))
      }, 1)
      response.on('close', () => clearInterval(flood))
    })
    const answered = await call(url, { ...options, timeoutMs: 3_000 })
    expect(answered).toMatchObject({ failure: 'credential', message: expect.stringMatching(/^HTTP 401: x{1,200}$/) })
    expect(written).toBeLessThan(4_000_000)
  })

  test('an answer that is far too large is not read to its end', async () => {
    let written = 0
    const url = await serve((_, response) => {
      response.writeHead(200)
      const flood = setInterval(() => {
        written += 262_144
        response.write(' '.repeat(262_144))
      }, 1)
      response.on('close', () => clearInterval(flood))
    })
    expect(await call(url, { ...options, timeoutMs: 3_000 })).toMatchObject({
      failure: 'proxy',
      message: 'the answer is larger than 1048576 bytes',
    })
    expect(written).toBeLessThan(8_000_000)
  })

  test.each([
    ['nested', `${'['.repeat(500_000)}`],
    ['nested in an answer', `{"jsonrpc":"2.0","id":1,"result":${'{"a":'.repeat(60_000)}1${'}'.repeat(60_000)}}`],
    ['many', `[${'[],'.repeat(300_000)}[]]`],
    ['many keys', `{${Array.from({ length: 90_000 }, (_, i) => `"${i}":0`).join()}}`],
  ])('an answer no node would write is not parsed: %s', async (_, text) => {
    const url = await serve((_, response) => void response.end(text))
    const from = performance.now()
    const answered = await call(url, { ...options, timeoutMs: 3_000 })
    expect(answered).toMatchObject({
      failure: 'proxy',
      message: expect.stringMatching(/nested deeper|more than \d+ values/),
    })
    expect(performance.now() - from).toBeLessThan(500)
  })

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

  // Old: refused. But a process that is gone refuses the second time, so that this is a balancer or a firewall.
  test('a connection cut twice says nothing of the process', async () => {
    const url = await serve((request) => request.socket.destroy())
    expect(await classOf(url, options)).toBe('reset')
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

test('a message never shows a URL, nor what could drive a terminal', async () => {
  const said = 'leader check failed: Post "http://seq-a:hunter2@10.0.0.1:8547/v1": 401\u001b[2J\u202e\nINFO forged'
  const { url } = await serveRpc(() => ({ error: { code: -32000, message: said } }))
  const rpc = await call(url)
  const page = await call(await serve((_, response) => response.writeHead(503).end(`see https://x/?k=hunter2 ${said}`)))
  for (const answered of [rpc, page]) {
    const text = JSON.stringify(answered)
    expect(text).not.toMatch(/hunter2|:\/\/|u001b|\u202e|forged/)
    expect(text).toContain('(URL)')
  }
  expect(rpc).toMatchObject({
    failure: 'other',
    message: expect.stringContaining('leader check failed: Post "(URL)": 401'),
  })
})

test('only whole blocks and receipts may be large', () => {
  const mb = (method: string, params: unknown[] = [], times = 1) =>
    mostBytes(Array.from({ length: times }, () => ({ method, params }))) / 2 ** 20
  expect(mb('optimism_syncStatus')).toBe(1)
  expect(mb('opp2p_peerStats', [], 5)).toBe(1)
  expect(mb('eth_getBlockByNumber', ['latest', false])).toBe(1)
  expect(mb('eth_getBlockByNumber', ['0x1', false], 10)).toBe(10)
  expect(mb('eth_getBlockByHash', ['0x1', true])).toBe(64)
  expect(mb('eth_getBlockReceipts', ['0x1'], 100)).toBe(64)
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
