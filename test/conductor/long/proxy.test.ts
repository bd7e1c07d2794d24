import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { openDesk } from '../../../lib/conductor/desk.ts'
import { headNow } from '../../../lib/conductor/leader-now.ts'
import { systemClock } from '../../../lib/context/ports.ts'
import type { Head } from '../../../lib/protocol/records.ts'
import { StoreUnavailableError } from '../../../lib/store/errors.ts'
import { ask, openRig, type Rig, SECRETS } from '../rig.ts'

const REFUSED = 'refusing to proxy request to non-leader sequencer'
const leaderOf = async ({ stage }: Rig) => (await stage.ports.heads.read('901'))?.leader ?? ''
const standbysOf = async (rig: Rig) => {
  const leader = await leaderOf(rig)
  return rig.config.nodes.map(({ name }) => name).filter((name) => name !== leader)
}

/** A call as a batcher makes it, by what it needs of the answer. */
const reads = [
  ['eth_getBlockByNumber', ['latest', false], { number: expect.any(String), hash: expect.any(String) }],
  ['optimism_syncStatus', [], { unsafe_l2: { number: expect.any(Number) } }],
  ['optimism_rollupConfig', [], { l2_chain_id: 901 }],
  ['admin_sequencerActive', [], true],
] as const

test('the chain’s path answers for the leader, a node’s path for its node while it leads', async () => {
  const rig = await openRig()
  const leader = await leaderOf(rig)
  for (const url of [rig.leader(), rig.at(leader), rig.at(leader, 'batcher', SECRETS.reader), rig.url(leader)]) {
    for (const [method, params, result] of reads) {
      const answer = await ask(url, method, params)
      if (typeof result === 'object') expect(answer.result, method).toMatchObject(result)
      else expect(answer.result, method).toBe(result)
    }
  }
  for (const standby of await standbysOf(rig)) {
    for (const [method, params] of reads)
      expect(await ask(rig.at(standby), method, params)).toMatchObject({ error: { code: -32000, message: REFUSED } })
  }
})

test('an answer is passed on byte for byte, and so is an error', async () => {
  const rig = await openRig()
  const block = await ask(rig.leader(), 'eth_getBlockByNumber', ['0x1', true])
  const { execution } = rig.config.nodes[0] ?? { execution: '' }
  const own = await fetch(execution, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_getBlockByNumber', params: ['0x1', true] }),
  })
  expect(JSON.stringify(block.result)).toBe(JSON.stringify(((await own.json()) as { result: unknown }).result))
  expect((await ask(rig.leader(), 'eth_getBlockByNumber', ['0xffffff', false])).result).toBeNull()
  // The simulated node has no such method: its own error arrives, with its own code.
  const unknown = await ask(rig.leader(), 'optimism_outputAtBlock', ['0x1'])
  expect(unknown.error).toMatchObject({ code: -32601 })
  expect(unknown.error?.data).toBeUndefined()
})

test('the size of blocks reaches all nodes by the chain’s path, and one by its own', async () => {
  const rig = await openRig()
  const { chain } = rig.stage
  const [standby = ''] = await standbysOf(rig)
  const reported = () => rig.config.nodes.map(({ name }) => chain.node(name).execution.maxDASize)
  expect(
    (await ask(rig.leader('batcher', SECRETS.reader), 'miner_setMaxDASize', ['0x1', '0x2'])).error?.data?.code,
  ).toBe('not-allowed')
  expect(reported()).toEqual([[], [], []])
  const all = await ask(rig.leader('batcher', SECRETS.batcher), 'miner_setMaxDASize', ['0x1', '0x2'])
  expect(all.result).toBe(true)
  expect(reported()).toEqual([1, 2, 3].map(() => ['0x1', '0x2']))
  await ask(rig.at(standby, 'batcher', SECRETS.batcher), 'miner_setMaxDASize', ['0x3', '0x4'])
  expect(reported().filter(([first]) => first === '0x3')).toHaveLength(1)
  // A standby that is down does not keep a caller from setting that of the leader.
  await chain.node(standby).kill('execution')
  expect((await ask(rig.leader('batcher', SECRETS.batcher), 'miner_setMaxDASize', ['0x5', '0x6'])).result).toBe(true)
})

test('through a failover: a leader that froze is left within moments, and a thawed one never answers', async () => {
  const rig = await openRig()
  const { stage } = rig
  const before = await leaderOf(rig)
  await ask(rig.leader(), 'optimism_syncStatus')
  const old = stage.chain.node(before)
  old.freeze('host')
  // A call that is under way when the leader freezes follows the next one; it does not wait for its time-out.
  const began = Date.now()
  const answer = await ask(rig.leader(), 'optimism_syncStatus')
  const took = Date.now() - began
  const next = await stage.leads((now) => now !== before)
  expect(took).toBeLessThan(9_000)
  expect(answer.error ? answer.error.message : answer.result).toBeTruthy()
  // The monitor cannot stop it while it is cut off: it says that it sequences, on its stale head.
  const stale = old.consensus.heads?.unsafe.number ?? 0n
  await stage.until(
    'the chain is beyond it',
    async () => ((await stage.ports.heads.read('901'))?.number ?? 0n) > stale + 2n,
  )
  old.thaw('host')
  for (let i = 0; i < 40; i++) {
    const status = (await ask(rig.leader(), 'optimism_syncStatus')).result as { unsafe_l2: { number: number } }
    expect(BigInt(status.unsafe_l2.number)).toBeGreaterThan(stale)
    expect((await ask(rig.at(before), 'admin_sequencerActive')).error?.message).toBe(REFUSED)
    await sleep(20)
  }
  expect(await leaderOf(rig)).toBe(next)
})

test('an answer that was complete only after its node was fenced does not count', async () => {
  const rig = await openRig()
  const { ports } = rig.stage
  const leader = await leaderOf(rig)
  // The head moves while the node answers.
  let now: Head | undefined = await ports.heads.read('901')
  const server = createServer((_, response) => {
    if (now) now = { ...now, leader: 'nobody' }
    response.end('{"jsonrpc":"2.0","id":1,"result":"stale"}')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => void server.close())
  const { port } = server.address() as { port: number }
  const nodes = rig.config.nodes.map((node) => ({ ...node, consensus: `http://127.0.0.1:${port}` }))
  const port2 = () => ({ ...ports.port(leader), prove: async () => {} })
  const desk = openDesk({ ports: { ...ports, port: port2, heads: { ...ports.heads, read: async () => now } }, nodes })
  const call = { chain: '901', method: 'optimism_syncStatus', params: [], by: 'x' } as const
  await expect(desk(call)).rejects.toThrow()
  await expect(desk({ ...call, node: leader })).rejects.toThrow(REFUSED)
})

test('any number of questions about the leader share few reads, and none is answered from before it was asked', async () => {
  let version = 0
  let reads = 0
  const ask = headNow(async () => {
    reads += 1
    await sleep(5)
    return { number: BigInt(version) } as Head
  }, systemClock)
  const asked = Array.from({ length: 200 }, async (_, i) => {
    await sleep(Math.floor(i / 10))
    const at = ++version
    expect(Number((await ask())?.number)).toBeGreaterThanOrEqual(at)
  })
  await Promise.all(asked)
  expect(reads).toBeLessThan(6)
})

test('calls that wait for a silent node are bounded, and the next one after them is answered', async () => {
  const rig = await openRig()
  const leader = await leaderOf(rig)
  const open = new Set<{ end: (text: string) => void }>()
  const server = createServer((_, response) => void open.add(response))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => server.closeAllConnections())
  const { port } = server.address() as { port: number }
  const nodes = rig.config.nodes.map((node) => ({ ...node, consensus: `http://127.0.0.1:${port}` }))
  const port2 = () => ({ ...rig.stage.ports.port(leader), prove: async () => {} })
  const desk = openDesk({ ports: { ...rig.stage.ports, port: port2 }, nodes, timeoutMs: 60_000 })
  const call = { chain: '901', method: 'optimism_syncStatus', params: [], by: 'x' } as const
  const waiting = Array.from({ length: 64 }, () => desk(call))
  await expect(desk(call)).rejects.toThrow('64 proxied calls are already waiting')
  await rig.stage.until('the node has all of them', () => open.size >= 64)
  for (const response of open) response.end('{"jsonrpc":"2.0","id":1,"result":{"ok":1}}')
  expect(await Promise.all(waiting)).toEqual(waiting.map(() => '{"ok":1}'))
})

test('one slow answer of the store is no error for a program that ends at one; a store that is away is', async () => {
  const rig = await openRig()
  const { ports } = rig.stage
  let failures = 2
  const read = async (chain: string) => {
    if (failures-- > 0) throw new StoreUnavailableError('read', chain, undefined)
    return await ports.heads.read(chain)
  }
  const desk = openDesk({ ports: { ...ports, heads: { ...ports.heads, read } }, nodes: rig.config.nodes })
  const call = { chain: '901', method: 'admin_sequencerActive', params: [], by: 'x' } as const
  expect(await desk(call)).toBe('true')
  failures = 100
  await expect(desk(call)).rejects.toThrow(StoreUnavailableError)
})
