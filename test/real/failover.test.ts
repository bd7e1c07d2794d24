import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { switchover } from '../../lib/operator/switchover.ts'
import { checkChain } from './baton/check-chain.ts'
import { Rig } from './baton/rig.ts'
import { pause, until } from './devnet/wait.ts'
import { anotherLeads, atSlot, gapDuring, scene } from './scenarios.ts'

let rig: Rig

beforeAll(async () => {
  rig = await Rig.create()
  await rig.devnet.start()
})
afterAll(() => rig?.stop())

/** Every scenario leaves a healthy chain behind, and every block that was acknowledged is still there. */
afterEach(async () => {
  await rig.healthy()
  await checkChain(rig)
})

const slots = (seconds: number) => `gap ${seconds.toFixed(2)} s`

describe('three real sequencers', () => {
  test('bootstrap: a fresh chain is seeded, granted and started by itself', async () => {
    await rig.startGate()
    rig.startMonitor()
    expect(await rig.healthy()).toBe('node0')
    const history = await rig.ports.history.list('901')
    expect(
      history
        .map(({ what }) => what)
        .reverse()
        .slice(0, 4),
    ).toEqual(['seed', 'grant', 'fence', 'start'])
  })

  test('planned switchover: no slot is missed', async () => {
    const { leader, standbys } = await scene(rig)
    const [target, follower] = standbys
    if (!target || !follower) throw new Error('two standbys are needed')
    const gap = await gapDuring(rig, follower, async (watch) => {
      await atSlot(watch, 0.6, rig.devnet.blockTime)
      await switchover(rig.ports, { to: target.name, by: 'test' })
      expect(await anotherLeads(rig, leader.name)).toBe(target.name)
    })
    console.log('planned switchover:', slots(gap.seconds))
    expect(gap).toMatchObject({ missedSlots: 0, replaced: [] })
  })

  test('op-node of the leader killed', async () => {
    const { leader, standbys } = await scene(rig)
    const gap = await gapDuring(rig, standbys[1] ?? leader, async (watch) => {
      await atSlot(watch, 0.5, rig.devnet.blockTime)
      await leader.killOpNode()
      await anotherLeads(rig, leader.name)
    })
    console.log('op-node killed:', slots(gap.seconds))
    await leader.startOpNode()
    expect(gap).toMatchObject({ missedSlots: 0, replaced: [] })
  })

  test('host of the leader lost', async () => {
    const { leader, standbys } = await scene(rig)
    const gap = await gapDuring(rig, standbys[1] ?? leader, async (watch) => {
      await atSlot(watch, 0.5, rig.devnet.blockTime)
      await leader.kill()
      await anotherLeads(rig, leader.name)
    })
    console.log('host lost:', slots(gap.seconds))
    await leader.start()
    expect(gap).toMatchObject({ missedSlots: 0, replaced: [] })
  })

  test('execution client of the leader killed', async () => {
    const { leader, standbys } = await scene(rig)
    const gap = await gapDuring(rig, standbys[1] ?? leader, async (watch) => {
      await atSlot(watch, 0.5, rig.devnet.blockTime)
      await leader.killExecution()
      await anotherLeads(rig, leader.name)
    })
    console.log('op-geth killed:', slots(gap.seconds))
    await leader.startExecution()
    expect(gap.missedSlots).toBeLessThanOrEqual(1)
    expect(gap.replaced).toEqual([])
  })

  test('op-node of the leader frozen, then thawed: its blocks are refused and no node forks', async () => {
    const { leader, standbys } = await scene(rig)
    const refusedBefore = rig.wire.refused.length
    const gap = await gapDuring(rig, standbys[1] ?? leader, async (watch) => {
      await atSlot(watch, 0.5, rig.devnet.blockTime)
      leader.freeze('op-node')
      await anotherLeads(rig, leader.name)
      await watch.more(3)
      // A monitor may have it stopped before it commits anything; the fence alone must do.
      await rig.monitors[0]?.kill()
      leader.thaw('op-node')
      await until('a commit of the thawed node is refused', () =>
        rig.wire.refused.slice(refusedBefore).some(({ node }) => node === leader.name),
      )
      rig.startMonitor()
    })
    console.log('op-node frozen:', slots(gap.seconds))
    const refusals = rig.wire.refused.slice(refusedBefore).filter(({ node }) => node === leader.name)
    expect(refusals.every(({ message }) => message === `node ${leader.name} is not the leader`)).toBe(true)
    expect(gap.missedSlots).toBeLessThanOrEqual(2)
    expect(gap.replaced).toEqual([])
  })

  test('execution client of the leader frozen', async () => {
    const { leader, standbys } = await scene(rig)
    const gap = await gapDuring(rig, standbys[1] ?? leader, async (watch) => {
      await atSlot(watch, 0.5, rig.devnet.blockTime)
      leader.freeze('execution')
      await anotherLeads(rig, leader.name)
    })
    console.log('op-geth frozen:', slots(gap.seconds))
    leader.thaw('execution')
    expect(gap.missedSlots).toBeLessThanOrEqual(2)
    expect(gap.replaced).toEqual([])
  })

  test('a commit whose reply is lost is sent again and acknowledged', async () => {
    await scene(rig)
    let lost = 0
    rig.wire.intercept(({ number }) => {
      lost = number
      return 'drop'
    })
    await until('a reply was lost', () => lost > 0)
    await until(
      'the same block was acknowledged again',
      () => rig.wire.acknowledged.filter(({ number }) => number === lost).length > 1,
    )
    const term = (await rig.ports.heads.read('901'))?.term
    await rig.healthy()
    expect((await rig.ports.heads.read('901'))?.term).toBe(term)
  })

  test('crash between commit and insertion: the block is not lost', async () => {
    const { leader } = await scene(rig)
    let orphan: { number: number; hash: string } | undefined
    rig.wire.intercept(async (commit): Promise<'drop'> => {
      orphan = commit
      await leader.kill()
      return 'drop'
    })
    await anotherLeads(rig, leader.name)
    await leader.start()
    await rig.healthy()
    const twins = rig.wire.acknowledged.filter(({ number }) => number === orphan?.number)
    expect(new Set(twins.map(({ hash }) => hash))).toEqual(new Set([orphan?.hash]))
  })

  test('a leader is replaced by the only node left, five blocks behind and without peers', async () => {
    const { leader, standbys } = await scene(rig)
    const [behind, other] = standbys
    if (!behind || !other) throw new Error('two standbys are needed')
    await rig.devnet.batcher.kill()
    await behind.killOpNode()
    await until(
      'five blocks pass',
      async () => ((await rig.ports.heads.read('901'))?.number ?? 0n) >= (await latest(behind)) + 5n,
      { within: 30_000 },
    )
    await behind.startOpNode({ p2p: false })
    await other.kill()
    await leader.kill()
    expect(await anotherLeads(rig, leader.name)).toBe(behind.name)
    await behind.killOpNode()
    await Promise.all([leader.start(), other.start()])
    await behind.startOpNode({ p2p: true })
    await rig.devnet.connectPeers()
    rig.devnet.batcher.startOnceSequencing()
  })

  test('the store is gone for 30 s: no block is published, no node is demoted, the chain resumes', async () => {
    const { leader, standbys } = await scene(rig)
    const before = await rig.ports.heads.read('901')
    await rig.loseStore()
    await pause(1_000)
    const frozenAt = await latest(standbys[0] ?? leader)
    await pause(29_000)
    for (const host of rig.devnet.hosts) expect(await latest(host)).toBeLessThanOrEqual(frozenAt)
    await rig.restoreStore()
    await until('commits flow again', async () => ((await rig.ports.heads.read('901'))?.number ?? 0n) > frozenAt)
    const after = await rig.ports.heads.read('901')
    expect(after).toMatchObject({ leader: leader.name, term: before?.term })
    await pause(5_000)
    expect(await rig.ports.heads.read('901')).toMatchObject({ leader: leader.name, term: before?.term })
  })

  test('every monitor is gone for 60 s: the chain goes on', async () => {
    const { leader } = await scene(rig)
    await rig.monitors[0]?.kill()
    const before = await rig.ports.heads.read('901')
    await pause(60_000)
    const after = await rig.ports.heads.read('901')
    expect(Number((after?.number ?? 0n) - (before?.number ?? 0n))).toBeGreaterThanOrEqual(60 / rig.devnet.blockTime - 2)
    rig.startMonitor()
    await pause(3_000)
    expect(await rig.ports.heads.read('901')).toMatchObject({ leader: leader.name, term: before?.term })
  })

  test('two monitors at once: one acts, and the other takes over when it dies', async () => {
    const { leader } = await scene(rig)
    rig.startMonitor(1)
    await pause(3_000)
    const first = await rig.ports.monitorLease.read('901')
    await leader.killOpNode()
    const next = await anotherLeads(rig, leader.name)
    await leader.startOpNode()
    await rig.healthy()
    await rig.monitors[0]?.kill()
    await until(
      'the second monitor is active',
      async () => (await rig.ports.monitorLease.read('901'))?.owner !== first?.owner,
    )
    const host = rig.devnet.hosts.find(({ name }) => name === next)
    await host?.killOpNode()
    await anotherLeads(rig, next)
    await host?.startOpNode()
    await rig.healthy()
    await rig.monitors[1]?.kill()
    rig.startMonitor(0)
    const grants = (await rig.ports.history.list('901', { limit: 200 })).filter(({ what }) => what === 'grant')
    expect(new Set(grants.map(({ term }) => term)).size).toBe(grants.length)
  })

  test('every node restarted at once', async () => {
    await scene(rig)
    await Promise.all(rig.devnet.hosts.map((host) => host.kill()))
    await Promise.all(rig.devnet.hosts.map((host) => host.start()))
    await rig.devnet.connectPeers()
  })
})

async function latest({ executionUrl }: { executionUrl: string }): Promise<bigint> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_blockNumber', params: [] })
  const response = await fetch(executionUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  return BigInt(((await response.json()) as { result: string }).result)
}
