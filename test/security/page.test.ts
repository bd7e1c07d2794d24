import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { PageAddressError, type PageServer, servePage } from '../../lib/page/serve.ts'
import { happy } from '../page/snapshots.ts'

const did: string[] = []
const act = (name: string) => async () => {
  did.push(name)
  return name
}
let page: PageServer
let host: string
beforeAll(async () => {
  page = await servePage({
    port: 0,
    snapshot: () => happy,
    acts: { operate: (name) => act(name)() },
  })
  host = new URL(page.url).host
})
afterAll(() => page.close())
beforeEach(() => {
  did.length = 0
})

function raw(bytes: string, ms = 1_500): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(Number(host.split(':')[1]), '127.0.0.1', () => socket.write(bytes))
    const timer = setTimeout(() => socket.destroy(), ms)
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(answer)
    })
  })
}

const post = (path: string, headers: readonly string[], body = '{}') =>
  [
    `POST ${path} HTTP/1.1`,
    ...headers,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n')
const json = 'Content-Type: application/json'
const status = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])

test('the proper request acts: the attacks below fail for their own reason', async () => {
  expect(status(await raw(post('/acts/pause', [`Host: ${host}`, json, `X-Baton-Token: ${page.token}`])))).toBe(200)
  expect(did).toEqual(['pause'])
})

test.each([
  ['without a token', () => post('/acts/pause', [`Host: ${host}`, json])],
  [
    'with a token that only begins right',
    () => post('/acts/pause', [`Host: ${host}`, json, `X-Baton-Token: ${page.token}x`]),
  ],
  [
    'with a name rebound to loopback',
    () => post('/acts/pause', ['Host: evil.example', json, `X-Baton-Token: ${page.token}`]),
  ],
  ['without a host', () => post('/acts/pause', [json, `X-Baton-Token: ${page.token}`])],
  [
    'from another origin',
    () => post('/acts/pause', [`Host: ${host}`, 'Origin: http://evil.example', json, `X-Baton-Token: ${page.token}`]),
  ],
  [
    'from a sandboxed frame',
    () => post('/acts/pause', [`Host: ${host}`, 'Origin: null', json, `X-Baton-Token: ${page.token}`]),
  ],
  [
    'from another site',
    () => post('/acts/pause', [`Host: ${host}`, 'Sec-Fetch-Site: cross-site', json, `X-Baton-Token: ${page.token}`]),
  ],
  [
    'as a form',
    () => post('/acts/pause', [`Host: ${host}`, 'Content-Type: text/plain', `X-Baton-Token: ${page.token}`]),
  ],
  [
    'with two tokens',
    () => post('/acts/pause', [`Host: ${host}`, json, 'X-Baton-Token: x', `X-Baton-Token: ${page.token}`]),
  ],
  [
    'by GET',
    () => `GET /acts/pause HTTP/1.1\r\nHost: ${host}\r\nX-Baton-Token: ${page.token}\r\nConnection: close\r\n\r\n`,
  ],
  ['of the prototype', () => post('/acts/constructor', [`Host: ${host}`, json, `X-Baton-Token: ${page.token}`])],
  [
    'with an input of another shape',
    () => post('/acts/pause', [`Host: ${host}`, json, `X-Baton-Token: ${page.token}`], '{"__proto__":{"x":1}}'),
  ],
  [
    'with a body too large',
    () => post('/acts/pause', [`Host: ${host}`, json, `X-Baton-Token: ${page.token}`], `"${'x'.repeat(5_000)}"`),
  ],
  [
    'with a length and chunks',
    () => post('/acts/pause', [`Host: ${host}`, json, `X-Baton-Token: ${page.token}`, 'Transfer-Encoding: chunked']),
  ],
])('an act %s is not performed', async (_, bytes) => {
  const answered = status(await raw(bytes()))
  expect(answered).toBeGreaterThanOrEqual(400)
  expect(answered).toBeLessThan(500)
  expect(did).toEqual([])
})

test.each(['//evil.example/', '/%00', '/\\..\\..', '/a?b#c', 'http://evil.example/', '*', '/%', '/\u00e9'])(
  'the path %j is answered, and nothing of the machine is shown',
  async (path) => {
    const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    expect(status(answer)).toBeGreaterThanOrEqual(200)
    expect(answer).not.toMatch(/node_modules|at Object|\.ts:\d/)
    expect(did).toEqual([])
  },
)

test.each(['/', '/state.json', '/events', '/nothing', '/acts/pause'])(
  'the token is in nothing that is served: GET %s',
  async (path) => {
    const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    expect(status(answer)).toBeGreaterThanOrEqual(200)
    expect(page.token.length).toBeGreaterThanOrEqual(32)
    expect(answer).not.toContain(page.token)
  },
)

test('the token is handed over in the fragment of the address, which no server sees', () => {
  expect(page.url).toBe(`http://${host}/#${page.token}`)
})

test.each([
  '0.0.0.0',
  '::',
  '10.0.0.5',
  '192.0.2.1',
  'example.com',
  '::ffff:0.0.0.0',
  '127.0.0.1.example.com',
  '127.1',
])('the page does not listen on %s', async (address) => {
  const served = servePage({ host: address, port: 0, snapshot: () => happy })
  await expect(served).rejects.toBeInstanceOf(PageAddressError)
  await expect(served).rejects.toMatchObject({ remedy: expect.stringContaining('tunnel') })
})

test.each(['127.0.0.1', '127.0.0.2', 'localhost', '::1'])('the page listens on %s', async (address) => {
  const other = await servePage({ host: address, port: 0, snapshot: () => happy })
  expect((await fetch(other.url)).status).toBe(200)
  await other.close()
})

test('a request that drips in is ended', { timeout: 20_000 }, async () => {
  const from = performance.now()
  const answer = await raw(`GET / HTTP/1.1\r\nHost: ${host}\r\nX: `, 15_000)
  expect(status(answer)).toBe(408)
  expect(performance.now() - from).toBeLessThan(12_000)
})
