import { describe, expect, test } from 'vitest'
import type { Ticked } from '../../lib/monitor/tick.ts'
import { type Stage, setStage } from './stage.ts'

const BLOCK_MS = 400
/** What the issue of the cure is measured against (ms). */
const MOST_MS = 15_000
/** Where no time is measured, a busy machine may take its own (ms). */
const LONG_MS = 25_000
/** The head moves on while a busy machine looks. */
const LATE = 4n

/** A chain of some sixty blocks, its nodes at the head, with a monitor that notes how each node is judged. */
async function begin() {
  const stage = await setStage({ blockTimeMs: BLOCK_MS, overdue: 60 })
  stage.chain.batcher.running = false
  const judged: { at: number; node: string; eligible: boolean; latest: bigint; lag: bigint }[] = []
  const paged: string[] = []
  const onTick = ({ view, decision }: Ticked) => {
    for (const { node, eligible } of decision.verdicts) {
      const look = view.observed[node]?.observation
      if (!look?.execution.ok || !view.head) continue
      const latest = look.execution.value.latest.number
      judged.push({ at: look.at, node, eligible, latest, lag: view.head.number - latest })
    }
    paged.push(...decision.page.map(({ code, node = '' }) => `${code} ${node}`))
  }
  stage.monitor('monitor', { onTick })
  const leader = await stage.leads(() => true)
  await stage.until('all at the head', () => stage.chain.nodes.every((node) => lagOf(stage, node.name) <= 1n), 20_000)
  return { stage, leader, judged, paged }
}

const committed = ({ committed }: Stage) => committed.at(-1)?.number ?? 0n
function lagOf(stage: Stage, name: string): bigint {
  const { head } = stage.chain.node(name).execution
  return committed(stage) > 59n ? committed(stage) - head.number : 99n
}

/** Kills the execution client alone; it comes back without its newest blocks, while op-node lives on. */
async function crash(stage: Stage, name: string, short: bigint): Promise<bigint> {
  const node = stage.chain.node(name)
  const had = node.execution.head.number
  node.holdInMemory(short)
  await node.kill('execution')
  node.holdInMemory(0n)
  await node.restart('execution')
  return had
}

/** A block whose insertion the crash cut off is sent once more: it is the same block. */
function expectOneBlockANumber({ committed }: Stage): void {
  const blocks = new Set(committed.map(({ number, hash }) => `${number} ${hash}`))
  expect(blocks.size, 'one hash a number').toBe(new Set(committed.map(({ number }) => number)).size)
}

describe.each([1n, 26n, 49n])('an execution client killed alone comes back %d blocks short', (short) => {
  test('of a standby: freed within 15 s, never eligible before, reported as one story', {
    timeout: 60_000,
  }, async () => {
    const { stage, leader, judged, paged } = await begin()
    const bob = leader === 'bob' ? 'cyd' : 'bob'
    const crashedAt = Date.now()
    const had = await crash(stage, bob, short)
    expect(stage.chain.node(bob).consensus.heads?.unsafe.number, 'op-node lives on').toBeGreaterThan(
      stage.chain.node(bob).execution.head.number,
    )
    const back = () => judged.find(({ at, node, eligible }) => node === bob && at > crashedAt && eligible)
    await stage.until('eligible again', () => back() !== undefined, MOST_MS)
    expect(back()?.latest, 'it has what it lost when it is called eligible').toBeGreaterThanOrEqual(had)
    expect(back()?.lag, 'and is at the head').toBeLessThanOrEqual(LATE)
    expect((back()?.at ?? 0) - crashedAt).toBeLessThan(MOST_MS)
    const reported = async () =>
      (await stage.ports.history.list('901')).filter(({ what }) => what === 'reset-derivation')
    await stage.until('it is reported', async () => (await reported()).length > 0)
    expect(await reported()).toMatchObject([
      { node: bob, reasons: [{ code: 'derivation-reset' }, { code: 'execution-short' }] },
    ])
    expect(paged, 'no one is woken').toEqual([])
    expect(new Set(stage.committed.map(({ node }) => node)), 'the leader goes on').toEqual(new Set([leader]))
    await stage.close()
  })

  test('of the leader: replaced as if it were dead, and freed the same way', { timeout: 60_000 }, async () => {
    const { stage, leader, judged } = await begin()
    const crashedAt = Date.now()
    const before = stage.committed.length
    const had = await crash(stage, leader, short)
    await stage.leads((name) => name !== leader)
    const next = stage.committed[before]
    expect((next?.at ?? 0) - (stage.committed[before - 1]?.at ?? 0), 'the gap').toBeLessThan(BLOCK_MS + 1_000)
    const back = () => judged.find(({ at, node, eligible }) => node === leader && at > crashedAt && eligible)
    await stage.until('eligible again', () => back() !== undefined, MOST_MS)
    expect((back()?.at ?? 0) - crashedAt).toBeLessThan(MOST_MS)
    expect(back()?.latest).toBeGreaterThanOrEqual(had)
    expect(back()?.lag).toBeLessThanOrEqual(LATE)
    expectOneBlockANumber(stage)
    await stage.close()
  })
})

test('a chain of one node is freed, too: no node can replace its leader', { timeout: 60_000 }, async () => {
  const stage = await setStage({ blockTimeMs: BLOCK_MS, overdue: 60, nodes: 1 })
  stage.chain.batcher.running = false
  stage.monitor()
  const leader = await stage.leads(() => true)
  await stage.until('sixty blocks', () => committed(stage) > 60n, LONG_MS)
  const before = committed(stage)
  await crash(stage, leader, 26n)
  await stage.until('the chain goes on', () => committed(stage) > before + 3n, LONG_MS)
  expectOneBlockANumber(stage)
  await stage.close()
})
