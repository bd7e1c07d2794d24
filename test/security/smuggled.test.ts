import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { commitBody, request, requestHead, type Served, serve, statuses } from './rig.ts'

let served: Served
beforeEach(async () => {
  served = await serve({ bodyTimeoutMs: 400 })
})
afterEach(async () => {
  // Whatever came before: the gate lives, and the next block of the leader is taken.
  const { number = 0n } = (await served.head()) ?? {}
  expect(statuses(await served.raw(request('a', commitBody(Number(number) + 1))))).toEqual([200])
  expect((await served.head())?.number).toBe(number + 1n)
  await served.close()
})

const body = commitBody(11)
const length = Buffer.byteLength(body)
const chunked = `${length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
/** A request of node a hidden in the body of one of node b. */
const hidden = request('a', body)

describe('a request whose length can be read in two ways is refused, and what hides behind it is not served', () => {
  test.each([
    ['length and chunks', `${requestHead('b', [`Content-Length: 4`, 'Transfer-Encoding: chunked'])}0\r\n\r\n${hidden}`],
    ['chunks and length', `${requestHead('b', ['Transfer-Encoding: chunked', `Content-Length: 4`])}0\r\n\r\n${hidden}`],
    ['two lengths', requestHead('b', ['Content-Length: 0', `Content-Length: ${hidden.length}`]) + hidden],
    ['a list of lengths', requestHead('b', [`Content-Length: 0, ${hidden.length}`]) + hidden],
    ['a signed length', requestHead('b', ['Content-Length: +0']) + hidden],
    ['a hex length', requestHead('b', ['Content-Length: 0x0']) + hidden],
    ['an unknown coding', requestHead('b', ['Transfer-Encoding: xchunked']) + hidden],
    ['chunks that are not last', `${requestHead('b', ['Transfer-Encoding: chunked, identity'])}0\r\n\r\n${hidden}`],
    ['two codings', `${requestHead('b', ['Transfer-Encoding: chunked', 'Transfer-Encoding: x'])}0\r\n\r\n${hidden}`],
    ['a space before the colon', requestHead('b', ['Content-Length : 0']) + hidden],
    ['a folded header', requestHead('b', ['X: y', ' Content-Length: 0']) + hidden],
    ['bare line feeds', requestHead('b', ['Content-Length: 0']).replaceAll('\r\n', '\n') + hidden],
    ['a bare carriage return', requestHead('b', ['X: y\rContent-Length: 0']) + hidden],
    ['a zero byte in a header', requestHead('b', ['X: y\0z', 'Content-Length: 0']) + hidden],
    ['a chunk size too long', `${requestHead('b', ['Transfer-Encoding: chunked'])}${'f'.repeat(40)}\r\n${hidden}`],
    ['a chunk size with a sign', `${requestHead('b', ['Transfer-Encoding: chunked'])}-1\r\n${hidden}`],
  ])('%s', async (_, bytes) => {
    const before = await served.head()
    const answered = statuses(await served.raw(bytes))
    expect(answered.filter((status) => status === 200)).toEqual([])
    expect(await served.head()).toEqual(before)
  })
})

test('a body is read to its length: what follows is a request of its own, with credentials of its own', async () => {
  const [first, second] = [commitBody(11), commitBody(12)]
  const keptAlive = requestHead('a', [`Content-Length: ${length}`]) + first
  expect(statuses(await served.raw(keptAlive + request('b', second, 'a')))).toEqual([200, 401])
  expect((await served.head())?.number).toBe(11n)
})

test('chunks are taken as well, and trailers are no headers', async () => {
  const answer = await served.raw(
    requestHead('b', ['Transfer-Encoding: chunked', 'Connection: close'], 'nobody') +
      chunked.replace('0\r\n\r\n', '0\r\nAuthorization: Basic YTpzZWNyZXQtb2YtYQ==\r\n\r\n'),
  )
  expect(statuses(answer)).toEqual([401])
})

test.each([
  ['who forwards', ['X-Forwarded-For: 127.0.0.1', 'Forwarded: for=127.0.0.1', 'X-Real-IP: 127.0.0.1']],
  ['another path', ['X-Original-URL: /v1/chains/901/nodes/a', 'X-Rewrite-URL: /v1/chains/901/nodes/a']],
  ['another verb', ['X-HTTP-Method-Override: GET']],
  ['other credentials', ['Proxy-Authorization: Basic YTpzZWNyZXQtb2YtYQ==', 'Cookie: secret=secret-of-a']],
])('a header that names %s changes nothing', async (_, headers) => {
  const bytes = requestHead('b', [...headers, `Content-Length: ${length}`, 'Connection: close'], 'nobody') + body
  expect(statuses(await served.raw(bytes))).toEqual([401])
  expect((await served.head())?.number).toBe(10n)
})

test.each([
  ['two credentials', 'Authorization: Basic YTpzZWNyZXQtb2YtYQ=='],
  ['two hosts', 'Host: other'],
])('%s: the first counts or none', async (_, header) => {
  const bytes = requestHead('b', [header, `Content-Length: ${length}`, 'Connection: close'], 'nobody') + body
  const answered = statuses(await served.raw(bytes))
  expect(answered).toHaveLength(1)
  for (const status of answered) expect([400, 401]).toContain(status)
  expect((await served.head())?.number).toBe(10n)
})

test.each([
  ['an upgrade', 'GET /v1/chains/901/nodes/a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
  ['a tunnel', 'CONNECT 169.254.169.254:80 HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['HTTP/2 by prior knowledge', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['an absolute URL', `POST http://169.254.169.254/latest HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`],
  ['dots in the path', 'GET /v1/chains/901/nodes/../../../healthz HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['encoded dots in the path', 'GET /v1/chains/901/nodes/%2e%2e/a HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['no version', 'GET /\r\n\r\n'],
  ['TLS', Uint8Array.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00])],
  ['an expectation', requestHead('b', ['Expect: 200-ok', 'Content-Length: 4'], 'nobody')],
])('%s is refused', async (_, bytes) => {
  const answered = statuses(await served.raw(bytes, 1_500))
  expect(answered.filter((status) => status < 400)).toEqual([])
})
