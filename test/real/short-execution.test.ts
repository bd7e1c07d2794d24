import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runMonitor } from '../../lib/monitor/run.ts'
import type { Ticked } from '../../lib/monitor/tick.ts'
import { checkChain } from './baton/check-chain.ts'
import { Rig } from './baton/rig.ts'
import { RethDouble } from './devnet/reth-double.ts'
import { rpc } from './devnet/rpc.ts'
import { until } from './devnet/wait.ts'
import { blocks, committed, history, latest } from './recovery/scene.ts'

// An execution client is killed alone and comes back short of what its op-node believes. No one is asked, no machine
// is reached, no L1 has the blocks: "recovery" is "ask", there is no "host", no "engine" and no batcher.
const MOST_MS = 15_000
const HOSTS = 3

describe('an execution client that loses what it had in memory', () => {
  let rig: Rig
  let double: RethDouble
  const ended = new AbortController()
  let monitoring: Promise<void> | undefined
  const judged: { at: number; node: string; eligible: boolean; latest: number }[] = []
  const paged: string[] = []

  beforeAll(async () => {
    double = await RethDouble.listen(HOSTS)
    rig = await Rig.create({
      hosts: HOSTS,
      blockTime: 1,
      batcher: false,
      // A kill of the double loses what it is asked to lose, and nothing else.
      storage: { scheme: 'hash', gcmode: 'archive', engine: 'leveldb' },
      configure: (config, devnet) => ({ ...double.configure(config, devnet), policy: { budgetPerHour: 100 } }),
    })
    await rig.devnet.start()
    await rig.startGate()
    const onTick = ({ view, decision }: Ticked) => {
      for (const { node, eligible } of decision.verdicts) {
        const look = view.observed[node]?.observation
        if (!look?.execution.ok) continue
        judged.push({ at: look.at, node, eligible, latest: Number(look.execution.value.latest.number) })
      }
      paged.push(...decision.page.map(({ code, node = '' }) => `${code} ${node}`))
    }
    // In this process, so that each of its verdicts is seen.
    monitoring = runMonitor(rig.ports, { owner: 'monitor', signal: ended.signal, onTick })
    await rig.healthy()
    await until('blocks to lose', async () => (await committed(rig)) > 52, { within: 90_000 })
  })
  afterAll(async () => {
    ended.abort()
    await monitoring
    await double?.stop()
    await rig?.stop()
  })

  const hostOf = (name: string | undefined) => {
    const host = rig.devnet.hosts.find((one) => one.name === name)
    if (!host) throw new Error(`no host is called ${name}`)
    return host
  }

  // The last one has kept the whole chain in memory, and is back at its genesis.
  for (const short of [1, 26, 49, 500]) {
    for (const who of ['a standby', 'the leader']) {
      test(`of ${who}, ${short} blocks short: back at the head within 15 s, never eligible before`, async () => {
        const leader = await rig.healthy()
        const host = hostOf(who === 'the leader' ? leader : rig.devnet.hosts.find(({ name }) => name !== leader)?.name)
        const from = rig.wire.acknowledged.length
        const begun = Date.now()
        const had = await double.crash(host, short)
        const named = Number(
          (await rpc<{ unsafe_l2: { number: number } }>(host.consensusUrl, 'optimism_syncStatus')).unsafe_l2.number,
        )
        const back = await latest(host)
        expect(named, 'op-node lives on').toBeGreaterThanOrEqual(had)
        expect(back, 'and its execution client lost blocks').toBeLessThanOrEqual(Math.max(0, had - short))
        const again = () => judged.find(({ at, node, eligible }) => node === host.name && at > begun && eligible)
        await until('it is eligible again', async () => again() !== undefined, { within: MOST_MS, every: 50 })
        expect(again()?.latest, 'it has what it lost when it is called eligible').toBeGreaterThanOrEqual(had)
        await until('it is at the head', async () => (await latest(host)) >= (await committed(rig)) - 1)
        const ms = Date.now() - begun
        expect(ms).toBeLessThan(MOST_MS)
        await blocks(rig, 2)
        const { gapMs, ownMs } = longestGap(rig, from)
        console.log(`${who}, block ${had} to ${back}: at the head after ${ms} ms; longest gap ${gapMs} ms`)
        expect(ownMs, 'as for a client that is dead').toBeLessThan(4_000)
        const acts = (await history(rig, host, begun)).map(({ what }) => what)
        expect(acts).toContain('reset-derivation')
        expect(acts, 'no one is called, no recovery begun').not.toContain('page')
        expect(acts).not.toContain('recovery')
      }, 120_000)
    }
  }

  test('no committed block was replaced, and no one was paged about a node that was short', async () => {
    await checkChain(rig)
    expect(paged.filter((page) => page.startsWith('no-effect'))).toEqual([])
  })
})

/** The longest time between two commits from this one on (ms), and the same less what the machine stood still in it. */
function longestGap(rig: Rig, from: number): { gapMs: number; ownMs: number } {
  const commits = rig.wire.acknowledged.slice(Math.max(0, from - 1))
  const gaps = commits.slice(1).map(({ at, stalledMs }, i) => {
    const before = commits[i] ?? { at, stalledMs }
    return { gapMs: at - before.at, ownMs: at - before.at - (stalledMs - before.stalledMs) }
  })
  return gaps.toSorted((a, b) => b.ownMs - a.ownMs)[0] ?? { gapMs: 0, ownMs: 0 }
}
