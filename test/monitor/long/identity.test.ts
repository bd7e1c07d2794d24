import { afterEach, expect, test } from 'vitest'
import { freshMemory } from '../../../lib/context/memory.ts'
import { observeChain } from '../../../lib/context/observe.ts'
import type { NodePort } from '../../../lib/context/ports.ts'
import type { Hash } from '../../../lib/protocol/block.ts'
import { decide } from '../../../lib/protocol/decide.ts'
import {
  type SimulatedChain,
  type SimulatedChainOptions,
  startSimulatedChain,
} from '../../../lib/simulator/chain/chain.ts'
import { type Addresses, type RelayedStage, type RelayedStageOptions, relayedStage } from '../relayed-stage.ts'
import type { Stage } from '../stage.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** The usual stage with a relay in front of each client. */
async function staged(options: RelayedStageOptions = {}): Promise<RelayedStage> {
  const set = await relayedStage(options)
  closing.push(set.close)
  return set
}

/** A live chain of one node that asks no gate, `ahead` seconds older than ours. */
async function stranger(options: Partial<SimulatedChainOptions> = {}): Promise<SimulatedChain> {
  const chain = await startSimulatedChain({
    conductorUrl: () => 'http://127.0.0.1:1',
    nodes: ['other'],
    blockTimeMs: 400,
    genesisTime: Math.floor(Date.now() / 1000) - 60,
    ...options,
  })
  closing.push(() => chain.stop())
  const { consensus } = chain.node('other')
  consensus.conductor.overridden = true
  // It must have loaded its chain, which takes a busy machine a while.
  const begin = () => consensus.sequencer.start(chain.genesis.hash)
  await expect.poll(() => begin().then(() => true, String), { timeout: 10_000 }).toBe(true)
  return chain
}

/** Behind this name a stranger answers from now on. */
function replace(at: Addresses, name: string, chain: SimulatedChain): void {
  const { consensusUrl, executionUrl } = chain.node('other')
  const address = at[name]
  if (!address) throw new Error(name)
  address.consensus.target = consensusUrl
  address.execution.target = executionUrl
  address.consensus.cut()
  address.execution.cut()
  // What was asked of our own node before, its way to the gate among it, is not asked of the stranger.
  address.consensus.methods.length = 0
}

const ADMIN = /^admin_(start|stop|post|override|reset)/
const adminCalls = (at: Addresses, name: string) =>
  at[name]?.consensus.methods.filter((method) => ADMIN.test(method)) ?? []

const DIFFERENT = [
  { kind: 'of another chain', options: { chainId: 902 }, code: 'other-chain' },
  { kind: 'with the same id and another genesis', options: {}, code: 'other-genesis' },
]

test.for(DIFFERENT)(
  'at a first install a standby $kind is reported, and the chain is left to stand',
  async ({ options, code }) => {
    const { stage, at } = await staged()
    replace(at, 'cyd', await stranger(options))
    const monitor = stage.monitor()
    await stage.until('it waits', () => monitor.latest()?.decision.page.some((each) => each.code === code) === true)
    await stage.ports.clock.sleep(600)
    expect(monitor.latest()?.decision).toMatchObject({ condition: 'observing', commands: [] })
    expect(await stage.ports.heads.read('901')).toBeUndefined()
    expect(adminCalls(at, 'cyd')).toEqual([])
  },
)

test.for(DIFFERENT)(
  'a standby is replaced by one $kind and higher: the leader dies, the other one leads at once',
  async ({ options, code }) => {
    const { stage, at } = await staged()
    const monitor = stage.monitor()
    await stage.leads((leader) => leader === 'ada')
    const other = await stranger(options)
    replace(at, 'cyd', other)
    const seen = () => monitor.latest()?.decision
    await stage.until(
      'it is reported',
      () => seen()?.page.some((each) => each.code === code && each.node === 'cyd') === true,
    )
    expect(seen()?.condition).toBe('ok')
    expect(seen()?.verdicts.find(({ node }) => node === 'cyd')).toMatchObject({ eligible: false, role: 'unfit' })
    await stage.chain.node('ada').kill('host')
    await stage.leads((leader) => leader === 'bob')
    expect(adminCalls(at, 'cyd')).toEqual([])
    expect(other.node('other').consensus.sequencer.active).toBe(true)
    const pages = (await stage.ports.history.list('901', { limit: 100 })).filter(
      ({ what, reasons }) => what === 'page' && reasons.length === 1 && reasons[0]?.code === code,
    )
    expect(pages).toHaveLength(1)
  },
)

test('behind the leader’s name a stranger answers: it keeps the lead while it commits, and not longer', async () => {
  // A machine that stands still for 200 ms makes a block late, and a late leader that nothing is known of is replaced.
  const { stage, at } = await staged({ policy: { slackMs: 3_000, stallMs: 4_000 } })
  const monitor = stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  const other = await stranger({ chainId: 902 })
  replace(at, 'ada', other)
  await stage.until(
    'it is reported',
    () => monitor.latest()?.decision.page.some((each) => each.code === 'other-chain') === true,
  )
  const before = stage.committed.length
  await stage.until('three more blocks', () => stage.committed.length > before + 3)
  expect((await stage.ports.heads.read('901'))?.leader).toBe('ada')
  await stage.chain.node('ada').kill('host')
  await stage.leads((leader) => leader === 'bob')
  expect(adminCalls(at, 'ada').filter((method) => method !== 'admin_startSequencer')).not.toContain(
    'admin_stopSequencer',
  )
  expect(other.node('other').consensus.sequencer.active).toBe(true)
})

test('the only other one of two is a stranger: nothing is granted to it, and people are called', async () => {
  const { stage, at } = await staged({ nodes: 2 })
  const monitor = stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  const other = await stranger({ chainId: 902 })
  replace(at, 'bob', other)
  await stage.until(
    'it is reported',
    () => monitor.latest()?.decision.page.some((e) => e.code === 'other-chain') === true,
  )
  await stage.chain.node('ada').kill('host')
  await stage.until(
    'halted',
    () => monitor.latest()?.decision.page.some(({ code }) => code === 'no-candidate') === true,
  )
  expect(monitor.latest()?.decision.sharedCause).toBeUndefined()
  expect((await stage.ports.heads.read('901'))?.leader).toBe('ada')
  expect(adminCalls(at, 'bob')).toEqual([])
})

test('a node that was away and comes back as another chain’s leader is not stopped', async () => {
  const { stage, at } = await staged()
  const monitor = stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  await stage.chain.node('bob').kill('host')
  await stage.until('bob is down', () => roleOf(monitor.latest(), 'bob') === 'down')
  const other = await stranger({ chainId: 902 })
  replace(at, 'bob', other)
  await stage.until('bob is unfit', () => roleOf(monitor.latest(), 'bob') === 'unfit')
  const before = stage.committed.length
  await stage.until('three more blocks', () => stage.committed.length > before + 3)
  expect(adminCalls(at, 'bob')).toEqual([])
  expect(other.node('other').consensus.sequencer.active).toBe(true)
})

test('a port refuses every act on a node that is not ours, and on one that was replaced since', async () => {
  const { stage, at } = await staged()
  const port = stage.ports.port('bob')
  const zero: Hash = `0x${'00'.repeat(32)}`
  await stage.until('it has loaded its chain', async () => (await port.unsafe()).hash !== zero)
  const other = await stranger({ chainId: 902 })
  replace(at, 'bob', other)
  // What was on the way when the connection was cut is over: the next call meets the stranger.
  await port.observe(undefined, true)
  const acts = [
    () => port.stop(),
    () => port.start(zero),
    () => port.post('{}'),
    () => port.override?.() ?? Promise.resolve(),
    () => port.resetDerivation(),
    () => port.unsafe(),
    () => port.block({ number: 0n }),
    () => port.payload({ number: 0n, hash: zero }),
  ]
  for (const act of acts) await expect(act()).rejects.toMatchObject({ name: 'IdentityError', code: 'identity' })
  await expect(port.stop()).rejects.toThrow('bob: its consensus client is on chain 902, not 901')
  expect(adminCalls(at, 'bob')).toEqual([])
  expect(other.node('other').consensus.sequencer.active).toBe(true)
})

const ZERO: Hash = `0x${'00'.repeat(32)}`
const ACTS: readonly { name: string; act: (port: NodePort) => Promise<unknown> }[] = [
  { name: 'start', act: (port) => port.start(ZERO) },
  { name: 'stop', act: (port) => port.stop() },
  { name: 'post', act: (port) => port.post('{}') },
  { name: 'override', act: (port) => port.override?.() ?? Promise.resolve() },
  { name: 'reset', act: (port) => port.resetDerivation() },
]

test.for(ACTS)('$name: an act that needs a new connection proves first who answers on it', async ({ act }) => {
  const { stage, at } = await staged()
  const port = stage.ports.port('bob')
  await stage.until('it has loaded its chain', async () => (await port.unsafe()).hash !== ZERO)
  const other = await stranger({ chainId: 902 })
  replace(at, 'bob', other)
  // Our side has noticed that the connections ended, and has looked at nothing since.
  await new Promise((resolve) => setTimeout(resolve, 50))
  await expect(act(port)).rejects.toMatchObject({ name: 'IdentityError', code: 'identity' })
  expect(adminCalls(at, 'bob')).toEqual([])
})

test.for(ACTS)('$name: an act proves who answers also while every kept connection is in use', async ({ act }) => {
  const { stage, at } = await staged()
  const port = stage.ports.port('bob')
  await stage.until('it has loaded its chain', async () => (await port.unsafe()).hash !== ZERO)
  const other = await stranger({ chainId: 902 })
  const reads = Array.from({ length: 8 }, () => port.unsafe().catch(() => {}))
  if (at.bob) at.bob.consensus.target = other.node('other').consensusUrl
  if (at.bob) at.bob.execution.target = other.node('other').executionUrl
  await expect(act(port)).rejects.toMatchObject({ name: 'IdentityError', code: 'identity' })
  expect(adminCalls(at, 'bob')).toEqual([])
  await Promise.all(reads)
})

test('two names that lead to one op-node: both are reported, and they have one vote', async () => {
  const { stage, at } = await staged()
  const monitor = stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  const { consensusUrl, executionUrl } = stage.chain.node('bob')
  if (at.cyd) Object.assign(at.cyd.consensus, { target: consensusUrl })
  if (at.cyd) Object.assign(at.cyd.execution, { target: executionUrl })
  at.cyd?.consensus.cut()
  const reported = () => monitor.latest()?.decision.page.filter(({ code }) => code === 'same-node') ?? []
  await stage.until('both are reported', () => reported().length === 2)
  expect(reported().map(({ node, evidence }) => [node, evidence.others])).toEqual([
    ['bob', 'cyd'],
    ['cyd', 'bob'],
  ])
})

test.for([
  { field: 'block_time', edit: (config: object) => ({ ...config, block_time: 4 }), value: '4', others: '1' },
  { field: 'isthmus_time', edit: (config: object) => ({ ...config, isthmus_time: 99 }), value: '99', others: '0' },
  { field: 'isthmus_time', edit: (config: object) => ({ ...config, isthmus_time: null }), value: 'never', others: '0' },
  { field: 'zenith_time', edit: (config: object) => ({ ...config, zenith_time: 7 }), value: '7', others: 'never' },
])(
  'a standby with another $field ($value) keeps its vote and is no candidate',
  async ({ edit, field, value, others }) => {
    const { stage, at } = await staged()
    if (at.bob) at.bob.consensus.edit.optimism_rollupConfig = (result) => edit(result as object)
    const monitor = stage.monitor()
    await stage.leads((leader) => leader === 'ada')
    await stage.until(
      'it is reported',
      () => monitor.latest()?.decision.page.some(({ node }) => node === 'bob') === true,
    )
    expect(monitor.latest()?.decision.page).toEqual([
      { code: 'config-differs', node: 'bob', evidence: { field, value, others } },
    ])
    expect(monitor.latest()?.view.observed.bob?.observation.consensus.ok).toBe(true)
    await stage.chain.node('ada').kill('host')
    await stage.leads((leader) => leader === 'cyd')
  },
)

test('clients that keep their configuration or p2p to themselves are known by chain id and genesis', async () => {
  const { stage, at } = await staged()
  for (const { consensus } of Object.values(at)) {
    consensus.lacks.add('optimism_rollupConfig')
    consensus.lacks.add('opp2p_self')
  }
  const monitor = stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  await stage.chain.node('ada').kill('host')
  await stage.leads((leader) => leader === 'bob')
  expect(monitor.latest()?.decision.page).toEqual([])
})

test('who a node is, is asked once on a connection, and again on the next', async () => {
  const { stage, at } = await staged()
  const memory = freshMemory()
  for (let look = 0; look < 5; look++) await observeChain(stage.ports, memory)
  const asked = () => at.bob?.consensus.methods.filter((method) => method === 'optimism_rollupConfig').length ?? 0
  const first = asked()
  expect(first).toBeGreaterThan(0)
  for (let look = 0; look < 5; look++) await observeChain(stage.ports, memory)
  expect(asked()).toBe(first)
  at.bob?.consensus.cut()
  await observeChain(stage.ports, memory)
  expect(asked()).toBe(first + 1)
  await observeChain(stage.ports, memory)
  expect(asked()).toBe(first + 1)
})

test('an act over a kept connection asks nothing more', async () => {
  const { stage, at } = await staged()
  const port = stage.ports.port('bob')
  const asked = () => at.bob?.consensus.methods.filter((method) => method === 'optimism_rollupConfig').length ?? 0
  await port.observe(undefined, true)
  await port.unsafe()
  const before = asked()
  for (let acts = 0; acts < 5; acts++) await port.unsafe()
  expect(asked()).toBe(before)
})

test('a node in front of which a stranger slips in between two looks is masked in the very next one', async () => {
  const { stage, at } = await staged()
  const memory = freshMemory()
  await observeChain(stage.ports, memory)
  await observeChain(stage.ports, memory)
  const other = await stranger({ chainId: 902 })
  replace(at, 'cyd', other)
  const view = await observeChain(stage.ports, memory)
  expect(view.observed.cyd?.observation.consensus).toMatchObject({ ok: false, failure: 'identity' })
  expect(view.observed.cyd?.observation.execution).toMatchObject({ ok: false, failure: 'identity' })
  expect(decide(view).verdicts.find(({ node }) => node === 'cyd')?.eligible).toBe(false)
})

function roleOf(ticked: ReturnType<ReturnType<Stage['monitor']>['latest']>, name: string) {
  return ticked?.decision.verdicts.find(({ node }) => node === name)?.role
}
