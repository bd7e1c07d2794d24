import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { pause, resume } from '../../lib/operator/modes.ts'
import { cancelSwitchover, previewSwitchover, switchover } from '../../lib/operator/switchover.ts'
import { grant } from '../../lib/protocol/grant.ts'
import { type Stage, setStage } from './stage.ts'

let stage: Stage

beforeEach(async () => {
  stage = await setStage()
})

/** After everything: one hash per number was acknowledged, and it is the one every node has. */
afterEach(async () => {
  const acknowledged = new Map<bigint, string>()
  for (const { number, hash } of stage.committed) {
    expect(acknowledged.get(number) ?? hash).toBe(hash)
    acknowledged.set(number, hash)
  }
  for (const blocks of stage.chain.canonical().values()) {
    for (const { number, hash } of blocks) expect(acknowledged.get(number) ?? hash).toBe(hash)
  }
  await stage.close()
})

const whatHappened = async () =>
  (await stage.ports.history.list('901')).map(({ what, node }) => (node ? `${what} ${node}` : what)).reverse()

describe('from nothing', () => {
  test('a fresh chain is seeded, granted, fenced, started, and armed by its first commits', async () => {
    stage.monitor()
    expect(await stage.leads(() => true)).toBe('ada')
    await stage.until('armed', async () => ((await stage.ports.leases.read('901'))?.armedAt ?? 0) > 0)
    expect(await whatHappened()).toEqual(['seed', 'grant ada', 'fence ada', 'start ada'])
  })

  test('a process never acts on its first look', async () => {
    const monitor = stage.monitor('one-look', { tickMs: 60_000 })
    await stage.until('it has looked', () => monitor.latest() !== undefined)
    expect(await stage.ports.heads.read('901')).toBeUndefined()
  })
})

describe('a leader is lost', () => {
  test.each(['consensus', 'execution', 'host'] as const)(
    '%s killed: another leads, and the old one follows again',
    async (part) => {
      stage.monitor()
      await stage.leads((leader) => leader === 'ada')
      await stage.chain.node('ada').kill(part)
      expect(await stage.leads((leader) => leader !== 'ada')).toBe('bob')
      await stage.chain.node('ada').restart(part)
      await stage.until('ada follows', async () => {
        const look = await stage.ports.port('ada').observe(undefined)
        const head = await stage.ports.heads.read('901')
        return (
          look.consensus.ok &&
          !look.consensus.value.sequencing &&
          look.consensus.value.unsafe.number >= (head?.number ?? 0n) - 1n
        )
      })
    },
  )

  test('frozen: replaced; thawed: its blocks are refused and it is stopped', async () => {
    stage.monitor()
    await stage.leads((leader) => leader === 'ada')
    const refused: bigint[] = []
    stage.chain.events.on('refused', ({ node, block }) => node === 'ada' && refused.push(block.number))
    stage.chain.node('ada').freeze('host')
    await stage.leads((leader) => leader === 'bob')
    stage.chain.node('ada').thaw('host')
    await stage.until('ada was stopped', async () => (await whatHappened()).includes('stop ada'))
    expect(refused.length).toBeGreaterThan(0)
  })

  test('the next one lacks blocks and has no peers: they are posted from the archive', async () => {
    stage.monitor()
    await stage.leads((leader) => leader === 'ada')
    stage.chain.node('bob').isolate()
    stage.chain.node('cyd').isolate()
    const at = stage.committed.length
    await stage.until('five blocks', () => stage.committed.length >= at + 5)
    await stage.chain.node('ada').kill('host')
    await stage.leads((leader) => leader === 'bob')
    const started = async () =>
      (await stage.ports.history.list('901')).find(({ what, node }) => what === 'start' && node === 'bob')
    await stage.until('its start is recorded', async () => (await started()) !== undefined)
    expect((await started())?.reasons[0]?.evidence.posted).toBeGreaterThanOrEqual(5)
  })

  test('one that cannot start is passed over for the next', async () => {
    stage.monitor()
    await stage.leads((leader) => leader === 'ada')
    stage.chain.node('bob').cutOff()
    await stage.chain.node('ada').kill('host')
    expect(await stage.leads((leader) => leader !== 'ada')).toBe('cyd')
  })
})

describe('nothing is moved', () => {
  test('while every node is cut off from Baton', async () => {
    const monitor = stage.monitor()
    await stage.leads((leader) => leader === 'ada')
    const term = (await stage.ports.leases.read('901'))?.term
    for (const node of stage.chain.nodes) node.cutOff()
    await stage.until('it is seen', () => monitor.latest()?.decision.sharedCause?.code === 'cut-off')
    await stage.ports.clock.sleep(1_500)
    for (const node of stage.chain.nodes) node.cutOff(false)
    await stage.leads((leader) => leader === 'ada')
    expect((await stage.ports.leases.read('901'))?.term).toBe(term)
  })

  test('while the store is gone; after it the same leader goes on', async () => {
    stage.monitor()
    await stage.leads((leader) => leader === 'ada')
    const term = (await stage.ports.leases.read('901'))?.term
    stage.storeGone = true
    const stuck = stage.committed.length
    await stage.ports.clock.sleep(4_000)
    expect(stage.committed.length - stuck).toBeLessThanOrEqual(1)
    stage.storeGone = false
    await stage.until('blocks again', () => stage.committed.length > stuck + 3)
    expect(await stage.ports.leases.read('901')).toMatchObject({ term, leader: 'ada' })
  })

  test('while paused; resumed, it is', async () => {
    const monitor = stage.monitor()
    await stage.leads((leader) => leader === 'ada')
    await pause(stage.ports, 'ann')
    await stage.chain.node('ada').kill('host')
    await stage.until('it pages', () => monitor.latest()?.decision.page[0]?.code === 'paused')
    expect((await stage.ports.leases.read('901'))?.leader).toBe('ada')
    await resume(stage.ports, 'ann')
    await stage.leads((leader) => leader === 'bob')
    const acts = await stage.ports.history.list('901')
    expect(acts.find(({ what }) => what === 'pause')?.actor).toEqual({ kind: 'operator', name: 'ann' })
  })
})

describe('switchover', () => {
  test('to a named node, without a missed slot', async () => {
    stage.monitor()
    await stage.leads((leader) => leader === 'ada')
    const from = stage.committed.length
    await switchover(stage.ports, { to: 'cyd', by: 'ann' })
    await stage.leads((leader) => leader === 'cyd')
    await stage.until('three blocks more', () => stage.committed.length >= from + 6)
    const gaps = stage.committed.slice(from).map(({ at }, i, all) => at - (all[i - 1]?.at ?? at))
    expect(Math.max(...gaps)).toBeLessThan(2 * 400)
  })

  test('a dry run reports where it would go, or why not, and changes nothing', async () => {
    stage.monitor()
    await stage.leads((leader) => leader === 'ada')
    await stage.until('it may', async () => (await previewSwitchover(stage.ports, { by: 'ann' })).to === 'bob')
    expect(await previewSwitchover(stage.ports, { to: 'cyd', by: 'ann' })).toMatchObject({ from: 'ada', to: 'cyd' })
    const refused = await previewSwitchover(stage.ports, { to: 'ada', by: 'ann' })
    expect(refused).toMatchObject({ from: 'ada', reasons: [{ code: 'switchover-refused' }] })
    expect(refused.to).toBeUndefined()
    expect((await stage.ports.leases.read('901'))?.switchover).toBeUndefined()
    expect((await stage.ports.heads.read('901'))?.leader).toBe('ada')
  })

  test('to an unfit node is refused, with the reason in the history', async () => {
    stage.monitor()
    await stage.leads((leader) => leader === 'ada')
    await stage.chain.node('cyd').kill('host')
    await switchover(stage.ports, { to: 'cyd', by: 'ann' })
    await stage.until('refused', async () => (await whatHappened()).includes('refuse-switchover'))
    expect((await stage.ports.leases.read('901'))?.switchover).toBeUndefined()
    expect((await stage.ports.heads.read('901'))?.leader).toBe('ada')
  })

  test('scheduled, then withdrawn: nothing moves', async () => {
    stage.monitor()
    await stage.leads((leader) => leader === 'ada')
    await switchover(stage.ports, { to: 'cyd', by: 'ann', notBefore: Date.now() + 800 })
    await cancelSwitchover(stage.ports, 'ann')
    await stage.ports.clock.sleep(1_500)
    expect((await stage.ports.heads.read('901'))?.leader).toBe('ada')
    await expect(() => cancelSwitchover(stage.ports, 'ann')).rejects.toThrow('no switchover is pending')
  })

  test('bad requests change nothing', async () => {
    stage.monitor()
    await stage.leads((leader) => leader === 'ada')
    await expect(async () => switchover(stage.ports, { to: 'zed', by: 'ann' })).rejects.toThrow('no node "zed"')
    await expect(async () => switchover(stage.ports, { to: 'ada', by: 'ann' })).rejects.toThrow('already holds')
    expect((await stage.ports.leases.read('901'))?.switchover).toBeUndefined()
  })
})

describe('monitors come and go', () => {
  test('what one left half done, the next finishes: a grant without its fence', async () => {
    const first = stage.monitor('first')
    await stage.leads((leader) => leader === 'ada')
    await first.kill()
    const lease = await stage.ports.leases.read('901')
    if (!lease) throw new Error('no lease')
    const cause = { code: 'operator', by: 'test' } as const
    const now = stage.ports.clock.now()
    const half = grant(
      lease,
      { to: 'bob', cause, overLease: true, automatic: false, sameRound: false, leaseMs: 1_000 },
      now,
    )
    await stage.ports.leases.write('901', half)
    stage.monitor('second')
    await stage.leads((leader) => leader === 'bob')
  })

  test('two at once: one acts, the other takes over when it dies', async () => {
    const monitors = { one: stage.monitor('one'), two: stage.monitor('two') }
    await stage.leads((leader) => leader === 'ada')
    const { owner } = (await stage.ports.monitorLease.read('901')) ?? { owner: '' }
    await monitors[owner as 'one' | 'two'].kill()
    await stage.chain.node('ada').kill('host')
    await stage.leads((leader) => leader === 'bob')
    const grants = (await stage.ports.history.list('901')).filter(({ what }) => what === 'grant')
    expect(grants.map(({ term }) => term)).toEqual([2, 1])
  })

  test('who stands by writes nothing while the other one renews', async () => {
    const { monitorLease } = stage.ports
    const { acquire } = monitorLease
    const asked: string[] = []
    const reported: typeof acquire = (name, owner, ttlMs, now) => {
      asked.push(owner)
      return acquire(name, owner, ttlMs, now)
    }
    Object.assign(monitorLease, { acquire: reported })
    stage.monitor('one')
    await stage.until('one is active', () => asked.includes('one'))
    const standby = stage.monitor('two')
    await stage.until('one has renewed', () => asked.length > 3)
    expect(standby.latest()).toBeDefined()
    expect(new Set(asked)).toEqual(new Set(['one']))
  })

  test('the active one goes on without a standby, and hands over to one that is warm', async () => {
    const handOverMs = 1_500
    const one = stage.monitor('one', { handOverMs })
    await stage.leads((leader) => leader === 'ada')
    await stage.ports.clock.sleep(2 * handOverMs)
    expect(await stage.ports.monitorLease.read('901')).toMatchObject({ owner: 'one' })
    const began = Date.now()
    const two = stage.monitor('two', { handOverMs })
    await one.ended
    expect(Date.now() - began).toBeGreaterThan(handOverMs)
    expect(two.latest()).toBeDefined()
    await stage.until('two is active', async () => (await stage.ports.monitorLease.read('901'))?.owner === 'two')
    expect(await stage.ports.monitorLease.read('901')).not.toHaveProperty('waiting')
  })

  test('a standby that died is not waited for', async () => {
    const handOverMs = 3_000
    const one = stage.monitor('one', { handOverMs, ttlMs: 1_000 })
    await stage.leads((leader) => leader === 'ada')
    const two = stage.monitor('two', { handOverMs, ttlMs: 1_000 })
    await stage.until('two waits', async () => {
      const lease = await stage.ports.monitorLease.read('901')
      return lease?.waiting?.owner === 'two'
    })
    await two.kill()
    const ended = await Promise.race([one.ended.then(() => true), stage.ports.clock.sleep(6_000)])
    expect(ended).not.toBe(true)
    expect(await stage.ports.monitorLease.read('901')).toMatchObject({ owner: 'one' })
  })

  test('two that both believe to be active write no term twice', async () => {
    const alone = { acquire: async (_: string, owner: string) => ({ owner, until: Number.MAX_SAFE_INTEGER, since: 0 }) }
    Object.assign(stage.ports.monitorLease, alone)
    stage.monitor('one')
    stage.monitor('two')
    await stage.leads((leader) => leader === 'ada')
    await stage.chain.node('ada').kill('host')
    await stage.leads((leader) => leader !== 'ada')
    const grants = (await stage.ports.history.list('901'))
      .filter(({ what }) => what === 'grant')
      .map(({ term }) => term)
    expect(new Set(grants).size).toBe(grants.length)
  })
})
