import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { exitCodes } from '../../bin/errors.ts'
import { createNodeClient } from '../../lib/chain/client.ts'
import { parseConfig } from '../../lib/config/chain-config.ts'
import { ConfigurationError } from '../../lib/config/error.ts'
import { createRpc } from '../../lib/operations/resequence/rpc.ts'
import { toJson } from '../../lib/text/format.ts'
import { baton } from '../cli/run-cli.ts'

const PASSWORD = 'geheim'
const places = {
  'nodes[0].consensus': (url: unknown) => withNode({ consensus: url }),
  'nodes[0].execution': (url: unknown) => withNode({ execution: url }),
  'nodes[0].engine.url': (url: unknown) => withNode({ engine: { url, jwt: { env: 'JWT' } } }),
  'l1.rpc': (url: unknown) => ({ ...withNode({}), l1: { rpc: url } }),
  'store.endpoint': (url: unknown) => ({
    ...withNode({}),
    store: { endpoint: url, objects: { kind: 'folder', path: 'x' } },
  }),
  'store.objects.endpoint': (url: unknown) => ({
    ...withNode({}),
    store: { objects: { kind: 's3', bucket: 'b', endpoint: url } },
  }),
}

function withNode(more: object) {
  const node = { name: 'seq-a', zone: 'z', consensus: 'http://10.0.0.1:9545', execution: 'http://10.0.0.1:8545' }
  return { chain: { id: 901, name: 'test', blockTime: 2 }, nodes: [{ ...node, secrets: ['secret-of-seq-a'], ...more }] }
}

function problemsOf(config: unknown): ConfigurationError {
  try {
    parseConfig(JSON.stringify(config), {})
  } catch (error) {
    if (error instanceof ConfigurationError) return error
    throw error
  }
  throw new Error('it was accepted')
}

const refused: [string, string][] = [
  ['http://admin:100%@10.0.0.1:9545', 'percent-encode'],
  [`http://admin:${PASSWORD}%@10.0.0.1:9545`, 'percent-encode'],
  [`http://admin:${PASSWORD}%zz@10.0.0.1:9545`, 'percent-encode'],
  [`http://admin:${PASSWORD}%ff@10.0.0.1:9545`, 'percent-encode'],
  [`http://adm%in:${PASSWORD}@10.0.0.1:9545`, 'percent-encode'],
  [`http://admin:${PASSWORD}#ss@10.0.0.1:9545`, 'percent-encode'],
  [`http://admin:${PASSWORD}?ss@10.0.0.1:9545`, 'percent-encode'],
  [`http://admin:${PASSWORD}/ss@10.0.0.1:9545`, 'percent-encode'],
  [`http://admin:12/${PASSWORD}@10.0.0.1:9545`, 'percent-encode'],
  [`http://admin:12#${PASSWORD}@10.0.0.1:9545`, 'percent-encode'],
  [`http://admin:${PASSWORD}@home@10.0.0.1:9545`, 'percent-encode'],
  [`http://admin:${PASSWORD}\\@10.0.0.1:9545`, 'backslash'],
  [`http://admin:${PASSWORD}\n@10.0.0.1:9545`, 'control character'],
  [`http://admin:${PASSWORD}\t@10.0.0.1:9545`, 'control character'],
  [`http://admin:${PASSWORD}`, 'host or port'],
  [`http://admin:${PASSWORD}@10.0.0.1:port`, 'host or port'],
  [`http://admin:${PASSWORD}@`, 'host or port'],
  [`ftp://admin:${PASSWORD}@10.0.0.1`, 'not an http'],
  [`admin:${PASSWORD}@10.0.0.1:9545`, 'not an http'],
  ['', 'not an http'],
]

describe.each(Object.entries(places))('%s', (path, place) => {
  test.each(refused)('%j is refused by its field, and the password is not repeated', (url, why) => {
    const { problems, message } = problemsOf(place(url))
    expect(problems.map((problem) => problem.path)).toEqual([path])
    expect(problems[0]?.problem).toContain(why)
    expect(message).not.toContain(PASSWORD)
    expect(message).not.toContain('100%')
  })

  test.each([{ url: `http://a:${PASSWORD}@b` }, [`http://a:${PASSWORD}@b`], 7, null, true])('%j is no URL', (value) => {
    const { problems, message } = problemsOf(place(value))
    expect(problems.map((problem) => problem.path)).toEqual([path])
    expect(message).not.toContain(PASSWORD)
  })

  test('a URL with everything encoded is taken as it is', () => {
    const url = 'http://us%40er:p%23%3F%2F%40%25%20%C3%A4@10.0.0.7:9545/path?key=100%'
    expect(toJson(parseConfig(JSON.stringify(place(url)), {}))).toContain(url)
  })
})

test.each([
  ['a URL where an object belongs', withNode({ engine: `http://a:${PASSWORD}@b` })],
  ['a URL where a number belongs', { ...withNode({}), probeTimeoutMs: `http://a:${PASSWORD}@b` }],
  [
    'a node where a list belongs',
    { ...withNode({}), nodes: { consensus: `http://a:${PASSWORD}@b`, secrets: [PASSWORD] } },
  ],
  ['a URL as a host to listen on', { ...withNode({}), page: { host: `http://a:${PASSWORD}@b`, port: 1 } }],
])('%s: the password is not repeated', (_, config) => {
  expect(problemsOf(config).message).not.toContain(PASSWORD)
})

test('baton status: exit 2, the field named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'baton-url-'))
  const file = join(folder, 'chain.json')
  writeFileSync(file, JSON.stringify({ ...withNode({ consensus: 'http://admin:100%@10.0.0.1:9545' }) }))
  const { code, err } = await baton(['status', '--config', file], folder)
  expect(err).toMatch(/nodes\[0\]\.consensus: .*percent-encode/)
  expect(err).not.toContain('100%')
  expect(code).toBe(exitCodes.usage.code)
  rmSync(folder, { recursive: true })
}, 60_000)

test.each(['p#?/@%: \u00e4\u{1f511}'])('user name and password arrive as they are meant: %j', async (password) => {
  const heard: (string | undefined)[] = []
  const server = createServer((request, response) => {
    heard.push(request.headers.authorization)
    response.end(JSON.stringify(request.url === '/batch' ? [{ id: 0, result: 'v' }] : { id: 1, result: 'v' }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `http://${encodeURIComponent('\u00fcser')}:${encodeURIComponent(password)}@127.0.0.1:${port}`
  await createNodeClient(url, { batch: false, timeoutMs: 5_000 }).request({ method: 'optimism_version' })
  expect(await createRpc('x', `${url}/batch`, 5_000).ask('web3_clientVersion', [], v.string())).toBe('v')
  const expected = `Basic ${Buffer.from(`\u00fcser:${password}`).toString('base64')}`
  expect(heard).toEqual([expected, expected])
  server.closeAllConnections()
  server.close()
})
