import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { readChainConfig } from '../../lib/lambda/chain-config.ts'
import { type ChainSecrets, readChainSecrets } from '../../lib/lambda/gate-secrets.ts'
import type { Log } from '../../lib/log.ts'
import { parameterStore, type ReadParameters } from '../../lib/store/parameters.ts'
import { type Account, openAccount, PREFIX } from './harness/aws.ts'

let account: Account
let read: ReadParameters
let chain = 700
const said: string[] = []
const say = (message: string, facts?: object) => void said.push(`${message} ${JSON.stringify(facts)}`)
const log: Log = { info: say, warn: say, error: say }

beforeAll(async () => {
  account = await openAccount(['901'])
  read = parameterStore('us-east-1', { variables: account.env })
}, 120_000)
afterAll(() => account?.close())
beforeEach(() => {
  chain++
  said.length = 0
})

const node = (name: string, more: object = {}) => ({
  name,
  zone: 'z',
  consensus: `http://127.0.0.1:1/${name}`,
  execution: `http://127.0.0.1:2/${name}`,
  ...more,
})
const write = (config: unknown) =>
  account.putParameter(`/chains/${chain}/config`, typeof config === 'string' ? config : JSON.stringify(config))
const valid = (name = 'a') => ({ chain: { id: chain, name: 'test', blockTime: 2 }, nodes: [node(name)] })
const config = () => readChainConfig(read, PREFIX, String(chain), log)
const secrets = (nodes: readonly string[], last?: ChainSecrets) =>
  readChainSecrets(read, { prefix: PREFIX, chain: String(chain) }, nodes, last, log)

test('a configuration is read, with secrets that are nobody’s', async () => {
  await write(valid())
  const { nodes, chain: of } = await config()
  expect(of).toMatchObject({ id: chain, blockTimeMs: 2_000 })
  expect(nodes[0]).toMatchObject({ name: 'a', secrets: [expect.stringMatching(/^[0-9a-f-]{36}$/)] })
})

test.each([
  ['a duplicated node', () => ({ ...valid(), nodes: [node('a'), node('a')] }), 'nodes[1].name: "a" is also the name'],
  ['a wrong URL', () => ({ ...valid(), nodes: [node('a', { consensus: 'node:1' })] }), 'nodes[0].consensus'],
  ['another chain', () => ({ ...valid(), chain: { id: 1, name: 'x', blockTime: 2 } }), 'chain.id: 1 is not the chain'],
  [
    'a secret in plain text',
    () => ({ ...valid(), nodes: [node('a', { secrets: ['in-plain-text'] })] }),
    'nodes[0].secrets',
  ],
  ['no JSON', () => '{"chain"', 'JSON'],
])('%s is refused by field; the last good version stays in force', async (_, wrong, problem) => {
  await write(wrong())
  await expect(config()).rejects.toMatchObject({
    name: 'ConfigurationError',
    message: expect.stringContaining(problem),
  })
  await write(valid('good'))
  await write(wrong())
  await write(wrong())
  expect((await config()).nodes[0]?.name).toBe('good')
  expect(said.join('\n')).toContain(JSON.stringify(problem).slice(1, -1))
  expect(said.join('\n')).toContain('{"chain":')
  expect(said.join('\n')).not.toContain('in-plain-text')
})

test('a chain without a parameter is reported by the parameter’s name', async () => {
  await expect(config()).rejects.toMatchObject({ message: expect.stringContaining(`${PREFIX}/chains/${chain}/config`) })
})

test('secrets: one, two, and more nodes than one call takes', async () => {
  const nodes = Array.from({ length: 12 }, (_, i) => `node-${i}`)
  for (const name of nodes)
    await account.putParameter(
      `/chains/${chain}/nodes/${name}/secrets`,
      JSON.stringify([`secret-of-${name}`, `next-of-${name}`]),
    )
  const found = await secrets(nodes)
  expect(found.get('node-11')).toEqual(['secret-of-node-11', 'next-of-node-11'])
  expect(found.size).toBe(12)
})

test.each([
  ['missing', undefined],
  ['no JSON', 'secret-of-b'],
  ['too short', '["short"]'],
  ['too many', '["secret-1", "secret-2", "secret-3"]'],
  ['another node’s', '["secret-of-a"]'],
])('a secret that is %s costs its node only, and is not told', async (_, value) => {
  await account.putParameter(`/chains/${chain}/nodes/a/secrets`, '["secret-of-a"]')
  if (value !== undefined) await account.putParameter(`/chains/${chain}/nodes/b/secrets`, value)
  const found = await secrets(['a', 'b'])
  expect([...found]).toEqual([
    ['a', ['secret-of-a']],
    ['b', []],
  ])
  const kept = await secrets(['a', 'b'], new Map([['b', ['secret-of-b-before']]]))
  expect(kept.get('b')).toEqual(['secret-of-b-before'])
  expect(said.join()).toContain(`${PREFIX}/chains/${chain}/nodes/b/secrets`)
  expect(said.join()).not.toMatch(/secret-(of|\d)/)
})

test('a store that refuses is reported by its own code; one that does not answer, in time', async () => {
  const nobody = { AWS_ENDPOINT_URL_SSM: 'http://127.0.0.1:9', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' }
  const lost = parameterStore('us-east-1', { variables: nobody, timeoutMs: 300 })
  await expect(lost(['/x'])).rejects.toMatchObject({ name: 'StoreUnavailableError' })
})
