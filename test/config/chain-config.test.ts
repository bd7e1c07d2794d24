import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { deriveProtocol, loadConfig, parseConfig } from '../../lib/config/chain-config.ts'
import { ConfigurationError } from '../../lib/config/error.ts'
import { expected } from '../../lib/config/expected.ts'
import { defaultPolicy } from '../../lib/protocol/policy.ts'

type Json = Record<string, unknown>

const node = (name: string, change: Json = {}): Json => ({
  name,
  zone: 'eu-west-1a',
  consensus: `http://${name}:9545`,
  execution: `http://${name}:8545`,
  secrets: [`secret-of-${name}`],
  ...change,
})
const config = (change: Json = {}): Json => ({
  chain: { id: 901, name: 'test', blockTime: 2 },
  nodes: [node('ada'), node('bob')],
  ...change,
})
const withNode = (change: Json): Json => config({ nodes: [node('ada'), node('bob', change)] })

function problems(value: unknown, env: Record<string, string> = {}) {
  try {
    parseConfig(JSON.stringify(value), env)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems
    throw error
  }
  return []
}

test('the least one can write', () => {
  expect(parseConfig(JSON.stringify(config()), {})).toEqual({
    chain: { id: 901, name: 'test', blockTimeMs: 2000 },
    nodes: ['ada', 'bob'].map((name) => ({ ...node(name), priority: 0, noFailover: false })),
    policy: defaultPolicy(2000),
    probeTimeoutMs: 250,
    gate: { host: '127.0.0.1', port: 8547 },
    page: { host: '127.0.0.1', port: 8549 },
    metrics: { host: '127.0.0.1', port: 7300 },
    recovery: 'ask',
  })
})

test('everything', () => {
  const everything = {
    chain: { id: 10, name: 'all', blockTimeMs: 250 },
    nodes: [
      node('a_1-B', { priority: 5, noFailover: true, derivesFrom: 'node-x', secrets: ['old-secret', { env: 'NEW' }] }),
    ],
    policy: { slackMs: 100, maxLag: 10, maxSwitchoverLag: 1, budgetPerHour: 0 },
    probeTimeoutMs: 90,
    gate: { host: '10.0.0.1', port: 1 },
    page: { port: 2 },
    store: {
      endpoint: 'http://127.0.0.1:8000',
      region: 'eu-west-1',
      tables: { heads: 'h', leases: 'l', history: 'y' },
      objects: { kind: 's3', bucket: 'b', endpoint: 'http://127.0.0.1:4566' },
    },
  }
  const parsed = parseConfig(JSON.stringify(everything), { NEW: 'new-secret' })
  expect(parsed.nodes[0]?.secrets).toEqual(['old-secret', 'new-secret'])
  expect(parsed.policy).toEqual({
    ...defaultPolicy(250),
    slackMs: 100,
    maxLag: 10n,
    maxSwitchoverLag: 1n,
    budgetPerHour: 0,
  })
  expect(parsed.store).toEqual(everything.store)
  expect(deriveProtocol(parsed)).toEqual({
    chain: '10',
    nodes: [{ name: 'a_1-B', zone: 'eu-west-1a', priority: 5, noFailover: true, derivesFrom: 'node-x' }],
    policy: parsed.policy,
  })
})

test('the slack of very short blocks is half of one', () => {
  const chain = { id: 1, name: 'fast', blockTimeMs: 200 }
  expect(parseConfig(JSON.stringify(config({ chain })), {}).policy.slackMs).toBe(100)
})

const wrong: [path: string, value: Json][] = [
  ['chain', config({ chain: undefined })],
  ['chain', config({ chain: 901 })],
  ['chain.id', config({ chain: { id: '901', name: 'x', blockTime: 2 } })],
  ['chain.id', config({ chain: { id: 0, name: 'x', blockTime: 2 } })],
  ['chain.id', config({ chain: { name: 'x', blockTime: 2 } })],
  ['chain.name', config({ chain: { id: 1, name: '', blockTime: 2 } })],
  ['chain.blockTime', config({ chain: { id: 1, name: 'x', blockTime: 2000 } })],
  ['chain.blockTimeMs', config({ chain: { id: 1, name: 'x', blockTimeMs: 2 } })],
  ['chain.blockTimeMs', config({ chain: { id: 1, name: 'x' } })],
  ['chain.blockTimeMs', config({ chain: { id: 1, name: 'x', blockTime: 2, blockTimeMs: 2000 } })],
  ['chain.blockTimeSeconds', config({ chain: { id: 1, name: 'x', blockTime: 2, blockTimeSeconds: 2 } })],
  ['nodes', config({ nodes: [] })],
  ['nodes', config({ nodes: undefined })],
  ['nodes', config({ nodes: {} })],
  ['nodes[1]', config({ nodes: [node('ada'), 'bob'] })],
  ['nodes[1].name', withNode({ name: 'b/b' })],
  ['nodes[1].name', withNode({ name: undefined })],
  ['nodes[1].name', withNode({ name: '__proto__' })],
  ['nodes[1].name', withNode({ name: 'ada' })],
  ['nodes[1].zone', withNode({ zone: '' })],
  ['nodes[1].priority', withNode({ priority: 0.5 })],
  ['nodes[1].noFailover', withNode({ noFailover: 'yes' })],
  ['nodes[1].nofailover', withNode({ nofailover: true })],
  ['nodes[1].consensus', withNode({ consensus: 'bob:9545' })],
  ['nodes[1].consensus', withNode({ consensus: 'http://ada:9545/' })],
  ['nodes[1].execution', withNode({ execution: 'ws://bob:8546' })],
  ['nodes[1].engine', withNode({ engine: 'http://bob:8551' })],
  ['nodes[1].engine.url', withNode({ engine: { url: 'bob:8551', jwt: { env: 'JWT' } } })],
  ['nodes[1].engine.jwt', withNode({ engine: { url: 'http://bob:8551' } })],
  ['nodes[1].engine.jwt', withNode({ engine: { url: 'http://bob:8551', jwt: `0x${'5e'.repeat(32)}` } })],
  ['nodes[1].engine.jwt.ssm', withNode({ engine: { url: 'http://bob:8551', jwt: { ssm: 'no-path' } } })],
  ['nodes[1].boost', withNode({ boost: 'http://bob:8551/healthz' })],
  ['nodes[1].boost.health', withNode({ boost: { health: 'bob:8551' } })],
  ['nodes[1].boost.form', withNode({ boost: { health: 'http://bob:8551/healthz', form: 'xml' } })],
  ['nodes[1].boost.timeoutMs', withNode({ boost: { health: 'http://bob:8551/healthz', timeoutMs: 1 } })],
  ['nodes[1].flashblocks', withNode({ flashblocks: 'http://bob:1112' })],
  ['nodes[1].secrets', withNode({ secrets: [] })],
  ['nodes[1].secrets', withNode({ secrets: ['one-secret', 'two-secret', 'three-secret'] })],
  ['nodes[1].secrets[0]', withNode({ secrets: ['short'] })],
  ['nodes[1].secrets[0]', withNode({ secrets: ['secret-of-ada'] })],
  ['nodes[1].secrets[0]', withNode({ secrets: [{ env: 'NOT_SET' }] })],
  ['nodes[1].secrets[0]', withNode({ secrets: [{ env: 'SHORT' }] })],
  ['nodes', withNode({ secrets: [{ env: 'SAME' }] })],
  ['policy', config({ policy: [] })],
  ['policy.slackMs', config({ policy: { slackMs: '300' } })],
  ['policy.slackMs', config({ policy: { slackMs: 2000 } })],
  ['policy.slack', config({ policy: { slack: 300 } })],
  ['policy.blockTimeMs', config({ policy: { blockTimeMs: 2000 } })],
  ['policy.silentLooks', config({ policy: { silentLooks: 0 } })],
  ['policy.stallMs', config({ policy: { stallMs: 2000 } })],
  ['policy.verifyMs', config({ policy: { verifyMs: 1999 } })],
  ['policy.leaseMs', config({ policy: { leaseMs: 2000 } })],
  ['policy.maxLag', config({ policy: { maxLag: -1 } })],
  ['policy.maxSwitchoverLag', config({ policy: { maxLag: 1, maxSwitchoverLag: 2 } })],
  ['policy.holdMs', config({ policy: { holdMs: 1e12 } })],
  ['policy.budgetPerHour', config({ policy: { budgetPerHour: null } })],
  ['policy.cooldownMs', config({ policy: { cooldownMs: 0.1 } })],
  ['policy.l1FrozenMs', config({ policy: { l1FrozenMs: 12_000 } })],
  ['policy.boostPartialLimit', config({ policy: { boostPartialLimit: -1 } })],
  ['policy.boostPartialIntervalMs', config({ policy: { boostPartialIntervalMs: 0 } })],
  ['policy.flashblocksSilentMs', config({ policy: { flashblocksSilentMs: 1_999 } })],
  ['probeTimeoutMs', config({ probeTimeoutMs: 6_000 })],
  ['gate.port', config({ gate: { port: 65_536 } })],
  ['gate.host', config({ gate: { port: 1, host: '' } })],
  ['page.port', config({ page: { port: 8547 } })],
  ['metrics.port', config({ metrics: { port: 8549 } })],
  ['metrics.port', config({ metrics: { port: 8547 } })],
  ['store.endpoint', config({ store: { endpoint: 'dynamo', objects: { kind: 'folder', path: 'x' } } })],
  ['store.objects', config({ store: {} })],
  ['store.objects.kind', config({ store: { objects: { kind: 'ftp' } } })],
  ['store.objects.path', config({ store: { objects: { kind: 'folder' } } })],
  ['store.objects.bucket', config({ store: { objects: { kind: 's3', path: 'x' } } })],
  ['store.objects.path', config({ store: { objects: { kind: 's3', bucket: 'b', path: 'x' } } })],
  [
    'store.tables.leases',
    config({ store: { tables: { heads: 'x', history: 'y' }, objects: { kind: 'folder', path: 'x' } } }),
  ],
  ['notes', config({ notes: 'hi' })],
]

test('a builder beside a node, with what op-conductor takes by default', () => {
  const written = withNode({ boost: { health: 'http://bob:8551/healthz' }, flashblocks: 'wss://bob:1112/ws' })
  expect(parseConfig(JSON.stringify(written), {}).nodes[1]).toMatchObject({
    boost: { health: 'http://bob:8551/healthz', form: 'status', timeoutMs: 5_000 },
    flashblocks: 'wss://bob:1112/ws',
  })
})

test('a secret written where only its place belongs is not repeated', () => {
  const jwt = `0x${'5e'.repeat(32)}`
  const found = problems(withNode({ engine: { url: 'http://bob:8551', jwt } }))
  expect(JSON.stringify(found)).not.toContain('5e5e')
  expect(found[0]?.write).toContain('{"env": "NAME"}')
})

test.each(wrong)('%s', (path, value) => {
  const found = problems(value, { SHORT: 'short', SAME: 'secret-of-ada' })
  expect(found.map((problem) => problem.path)).toContain(path)
  for (const { problem, write } of found) {
    expect(problem).not.toBe('')
    expect(write).not.toBe('')
    expect(write).not.toMatch(/Invalid|Expected/)
  }
})

test('every problem is reported at once', () => {
  const found = problems(config({ chain: {}, policy: { slack: 1 }, probeTimeoutMs: 'x' }))
  expect(found.map(({ path }) => path)).toEqual(['chain.id', 'chain.name', 'policy.slack', 'probeTimeoutMs'])
})

test('no error shows a secret', () => {
  const value = withNode({ secrets: ['geheim', 'geheim-geheim', 'geheim-geheim'] })
  expect(JSON.stringify(problems(value))).not.toContain('geheim')
})

test('every field has words', () => {
  for (const words of Object.values(expected)) expect(words.length).toBeGreaterThan(5)
})

test.each([
  ['{"chain": {"id": 901,,}}', 'line 1, column 22'],
  ['{\n  "chain": {\n    "id": nine\n  }\n}', 'line 3, column 12'],
  ['{"chain":', 'line 1, column 10'],
  ['', 'line 1, column 1'],
  ['{"secrets": ["geheimnis"}', 'line 1, column 25'],
  ['{"chain": {"id": 901}} geheimnis', 'line 1, column 24'],
])('JSON that is none: %j', (json, place) => {
  expect(() => parseConfig(json, {}, 'chain.json')).toThrow(
    expect.objectContaining({
      name: 'ConfigurationError',
      message: expect.stringMatching(new RegExp(`^chain.json cannot be used:\\s+${place}: `)),
    }),
  )
  expect(() => parseConfig(json, {})).not.toThrow('geheimnis')
})

test('only the secrets of the nodes a process serves are read, and only those can be missing', () => {
  const json = JSON.stringify(
    config({ nodes: [node('ada', { secrets: [{ env: 'ADA' }] }), node('bob', { secrets: [{ env: 'BOB' }] })] }),
  )
  const secrets = (env: Record<string, string>, served: readonly string[]) =>
    parseConfig(json, env, 'chain.json', (name) => served.includes(name)).nodes.map((one) => one.secrets)
  expect(secrets({ ADA: 'long-enough' }, ['ada'])).toEqual([['long-enough'], []])
  expect(secrets({}, [])).toEqual([[], []])
  expect(() => secrets({ ADA: 'long-enough' }, ['bob'])).toThrow('the variable BOB is not set')
})

test('a file: read, missing, or a folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'baton-config-'))
  const path = join(folder, 'chain.json')
  writeFileSync(path, JSON.stringify(config()))
  expect((await loadConfig(path, {})).chain.id).toBe(901)
  await expect(loadConfig(join(folder, 'none.json'))).rejects.toThrow('there is no such file')
  await expect(loadConfig(folder)).rejects.toMatchObject({ name: 'ConfigurationError', code: 'configuration' })
  rmSync(folder, { recursive: true })
})
