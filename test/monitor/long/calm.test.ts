import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Ticked } from '../../../lib/monitor/tick.ts'
import { switchover } from '../../../lib/operator/switchover.ts'
import { type Stage, setStage } from '../stage.ts'

let stage: Stage
let turns: Ticked[]

/** A monitor that asks nodes in each so many turns while all is well. */
function watch(observeEvery: number, pace: { tickMs?: number; jitterMs?: number } = {}) {
  turns = []
  stage.monitor('sparing', {
    tickMs: 50,
    ...pace,
    observeEvery,
    onTick: (ticked) => void turns.push(ticked),
  })
}
/** Turns since the chain was last not well, and in how many of them the nodes were asked. */
function calm() {
  const since = turns.slice(turns.findLastIndex(({ decision }) => decision.condition !== 'ok') + 1)
  return { turns: since.length, looks: new Set(since.map(({ view }) => view.observed.bob?.observation.at)).size }
}

beforeEach(async () => {
  stage = await setStage()
})
afterEach(() => stage.close())

test('while all is well nodes are asked in each fifth turn, heads are read in every one, and the lease is renewed', async () => {
  watch(5)
  await stage.leads((leader) => leader === 'ada')
  const before = await stage.ports.leases.read('901')
  await stage.until('forty calm turns', () => calm().turns >= 40)
  const { turns: count, looks } = calm()
  expect(looks).toBeGreaterThanOrEqual(Math.floor(count / 5))
  expect(looks).toBeLessThanOrEqual(Math.ceil(count / 5) + 2)
  expect(new Set(turns.map(({ view }) => view.head?.number)).size).toBeGreaterThan(4)
  expect((await stage.ports.leases.read('901'))?.renewedAt).toBeGreaterThan(before?.renewedAt ?? 0)
})

test('a lease is renewed when two thirds of it are over, since each renewal is a write, and never runs out', async () => {
  await stage.close()
  stage = await setStage({ blockTimeMs: 2_000 })
  watch(1_000_000, { tickMs: 1_000 })
  await stage.leads((leader) => leader === 'ada')
  const leasesOf = () => turns.filter(({ view }) => view.lease?.armedAt).map(({ view }) => view)
  const renewals = () => [...new Set(leasesOf().map(({ lease }) => lease?.renewedAt ?? 0))]
  await stage.until('two gaps', () => renewals().length > 3, 25_000)
  const gaps = renewals()
    .slice(2)
    .map((at, i) => at - (renewals()[i + 1] ?? at))
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(4_000)
  for (const { lease, now } of leasesOf()) expect(lease?.expiresAt).toBeGreaterThan(now)
}, 30_000)

test('a late block has them asked at once: a lost leader is replaced as soon as ever', async () => {
  watch(1_000_000)
  await stage.leads((leader) => leader === 'ada')
  await stage.until('calm turns', () => calm().turns >= 10)
  await stage.chain.node('ada').kill('host')
  expect(await stage.leads((leader) => leader !== 'ada')).toBe('bob')
})

test('an order is carried out, on a fresh look', async () => {
  watch(1_000_000)
  await stage.leads((leader) => leader === 'ada')
  await stage.until('calm turns', () => calm().turns >= 10)
  await switchover(stage.ports, { to: 'cyd', by: 'ann' })
  expect(await stage.leads((leader) => leader !== 'ada')).toBe('cyd')
})

test('while all is well turns keep to their own place after the deadline, and a lost leader is replaced all the same', async () => {
  watch(1_000_000, { tickMs: 1_000, jitterMs: 150 })
  await stage.leads((leader) => leader === 'ada')
  await stage.until('calm turns', () => calm().turns >= 6)
  const calmly = turns.slice(-5)
  const pauses = calmly.slice(1).map(({ view }, i) => view.now - (calmly[i]?.decision.wakeAt ?? view.now))
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(149)
  await stage.chain.node('ada').kill('host')
  expect(await stage.leads((leader) => leader !== 'ada')).toBe('bob')
})
