import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { openRig, post, SECRETS } from './rig.ts'

// Requests that no tool of op-conductor sends, and people and proxies do. The answers are those of go-ethereum's RPC
// server, which op-conductor uses, unless a comment says why not.

const call = (more: object) => JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'conductor_paused', ...more })
const errorOf = (code: number, text = '') => ({ error: { code, message: expect.stringContaining(text) } })

test('a request that differs in form is answered as by op-conductor’s own server', async () => {
  const rig = await openRig()
  const [node = ''] = rig.config.nodes.map(({ name }) => name)
  const reader = rig.at(node, 'mon', SECRETS.reader)
  const fine: [what: string, body: string, answer: object][] = [
    ['id null', call({ id: null }), { id: null, result: false }],
    ['id a text', call({ id: 'a"b' }), { id: 'a"b', result: false }],
    ['id a fraction', '{"jsonrpc":"2.0","id":1.50,"method":"conductor_paused"}', { id: 1.5, result: false }],
    ['no params', call({}), { result: false }],
    ['params null', call({ params: null }), { result: false }],
    ['a field more', call({ params: [], extra: { a: [1] } }), { result: false }],
    ['white space', ` \n\t${call({})}\r\n `, { result: false }],
    ['named params', call({ params: {} }), errorOf(-32602)],
    ['a parameter too many', call({ params: [1] }), errorOf(-32602, 'too many arguments, want at most 0')],
    ['an older version', call({ jsonrpc: '1.0' }), errorOf(-32600)],
    ['no version', '{"id":1,"method":"conductor_paused"}', errorOf(-32600)],
    ['an id that is an object', call({ id: {} }), errorOf(-32600)],
    ['another case', call({ method: 'conductor_Paused' }), errorOf(-32601, 'does not exist/is not available')],
    ['a name of JavaScript', call({ method: 'constructor' }), errorOf(-32601)],
    ['a name of JavaScript', call({ method: '__proto__' }), errorOf(-32601)],
    ['an empty batch', '[]', errorOf(-32600)],
    ['half a request', '{"jsonrpc":"2.0","id":1', errorOf(-32700)],
  ]
  for (const [what, body, answer] of fine) {
    expect(await post(reader, body), what).toMatchObject({ status: 200, ...answer })
    expect(await post(`${reader}/`, body), `${what}, with a slash`).toMatchObject({ status: 200, ...answer })
  }
  const zipped = await post(reader, gzipSync(call({})).toString('latin1'))
  expect(zipped).toMatchObject(errorOf(-32700))
})

test('a parameter too many or too few keeps an act from being done', async () => {
  const rig = await openRig()
  const { leases } = rig.stage.ports
  const before = await leases.read('901')
  const url = rig.leader('bo', SECRETS.operator)
  const standby = rig.config.nodes.find(({ name }) => name !== before?.leader)?.name ?? ''
  const wrong: [method: string, params: unknown[]][] = [
    // The caller meant conductor_transferLeaderToServer.
    ['conductor_transferLeader', [standby]],
    ['conductor_pause', [standby]],
    ['conductor_resume', [true]],
    ['conductor_overrideLeader', []],
    ['conductor_overrideLeader', [null]],
    ['conductor_overrideLeader', [true, true]],
    ['conductor_transferLeaderToServer', []],
    ['conductor_transferLeaderToServer', [null, '']],
    ['conductor_transferLeaderToServer', [standby, '', 0]],
    ['conductor_removeServer', [standby, 0, 0]],
  ]
  for (const [method, params] of wrong)
    expect(await post(url, call({ method, params })), `${method} ${JSON.stringify(params)}`).toMatchObject(
      errorOf(-32602),
    )
  // A notification's sender could not learn what became of it: Baton does not carry it out, op-conductor does.
  expect(await post(url, '{"jsonrpc":"2.0","method":"conductor_pause"}')).toMatchObject({ status: 204 })
  const { mode, switchover, orders } = (await leases.read('901')) ?? {}
  expect({ mode, switchover, orders }).toEqual({ mode: 'auto', switchover: undefined, orders: before?.orders })
})

test('no name of JavaScript is a node, a user or a chain', async () => {
  const rig = await openRig()
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
    for (const secret of ['', 'undefined', 'function', '[object Object]']) {
      const places = [
        rig.url(name, '/', secret),
        rig.at(name, name, secret),
        rig.url(name, `/v1/chains/${name}/leader`, secret),
        rig.url(name, `/v1/chains/${name}/nodes/${name}`, secret),
      ]
      for (const place of places) expect([401, 404], place).toContain((await post(place, call({}))).status)
    }
  }
})

test('other verbs, HTTP/1.0, and the probe of a load balancer', async () => {
  const rig = await openRig()
  const { hostname, port } = new URL(rig.url('mon', '/', SECRETS.reader))
  const raw = (text: string) =>
    new Promise<string>((resolve, reject) => {
      let answer = ''
      const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(text))
      socket.setTimeout(10_000, () => socket.destroy(new Error('no answer')))
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        answer += chunk
      })
      socket.on('end', () => resolve(answer)).on('error', reject)
    })
  const close = 'Host: x\r\nConnection: close\r\n'
  expect(await raw(`GET / HTTP/1.1\r\n${close}\r\n`)).toMatch(/^HTTP\/1\.1 200 /)
  expect(await raw(`HEAD / HTTP/1.1\r\n${close}\r\n`)).toMatch(/^HTTP\/1\.1 200 /)
  for (const verb of ['PUT', 'DELETE', 'OPTIONS'])
    expect(await raw(`${verb} / HTTP/1.1\r\n${close}\r\n`), verb).toMatch(/^HTTP\/1\.1 405 .*allow: POST/is)
  const credentials = `Authorization: Basic ${Buffer.from(`mon:${SECRETS.reader}`).toString('base64')}\r\n`
  const body = call({})
  const asked = await raw(`POST / HTTP/1.0\r\n${credentials}Content-Length: ${body.length}\r\n\r\n${body}`)
  expect(asked).toMatch(/^HTTP\/1\.1 200 .*"result":false/s)
})
