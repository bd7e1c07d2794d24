import { describe, expect, test } from 'vitest'
import type { Ticked } from '../../lib/monitor/tick.ts'
import { hold } from '../../lib/operator/modes.ts'
import { virtualFleet } from './virtual-fleet.ts'

type Fleet = ReturnType<typeof virtualFleet>

/** Brings a chain to where `name` was away for so many blocks; the monitor watches only from its return on. */
async function awayFor(fleet: Fleet, name: string, blocks: number) {
  await fleet.begin()
  const pause = fleet.watch()
  await fleet.run(12_000)
  fleet.kill(name)
  await fleet.run(1_500)
  pause()
  await fleet.run(blocks * 1_000 - 1_500)
  fleet.boot(name)
  const ticks: Ticked[] = []
  const backAt = fleet.now()
  fleet.watch((ticked) => ticks.push(ticked))
  return { ticks, backAt }
}

const lagOf = ({ view }: Ticked, name: string) => {
  const consensus = view.observed[name]?.observation.consensus
  return view.head && consensus?.ok ? Number(view.head.number - consensus.value.unsafe.number) : undefined
}
const reported = ({ decision }: Ticked, name: string) =>
  decision.verdicts.flatMap(({ node, reasons }) => (node === name ? reasons.map(({ code }) => code) : []))

describe('a standby without peers that was away', () => {
  test.each([30, 300, 3_000])('for %i blocks is back at the head by posting alone', { timeout: 120_000 }, async (n) => {
    const fleet = virtualFleet({ alone: ['bob'] })
    const { ticks, backAt } = await awayFor(fleet, 'bob', n)
    await fleet.run(10_000 + (n / 50) * 1_000)
    const first = ticks.findIndex((ticked) => reported(ticked, 'bob').includes('catching-up'))
    const began = ticks.find(({ decision }) => decision.commands.some(({ act }) => act === 'top-up'))
    const done = ticks.find((ticked, i) => i > first && (lagOf(ticked, 'bob') ?? n) < 3)
    expect(first).toBeGreaterThanOrEqual(0)
    if (!began || !done) throw new Error('it was not brought to the head')
    expect(began.view.now - backAt).toBeLessThan(8_000)
    const seconds = (done.view.now - began.view.now) / 1_000
    console.log(n, seconds)
    expect(n / seconds, `${seconds} s`).toBeGreaterThan(n < 100 ? 10 : 50)
    expect(fleet.node('bob').posts).toBeLessThan(n + 80)
    const records = (await fleet.ports.history.list('901')).filter(({ what }) => what === 'top-up')
    expect(records.length).toBeLessThanOrEqual(2)
    expect(records.at(-1)).toMatchObject({ node: 'bob', actor: { kind: 'baton' } })
    expect(ticks.some(({ decision }) => decision.page.some(({ code }) => code === 'takes-nothing'))).toBe(false)
    fleet.halt()
  })

  test('as fast as its client executes, and gently: what it has in its queue is not sent again', async () => {
    const fleet = virtualFleet({ alone: ['bob'], executionMs: 100 })
    const { ticks } = await awayFor(fleet, 'bob', 200)
    await fleet.run(45_000)
    const began = ticks.find(({ decision }) => decision.commands.some(({ act }) => act === 'top-up'))
    const done = ticks.find((ticked) => (lagOf(ticked, 'bob') ?? 200) < 3)
    if (!began || !done) throw new Error('it was not brought to the head')
    // 100 ms a block while the chain makes one a second: 10 blocks a second, less one.
    expect((done.view.now - began.view.now) / 1_000).toBeLessThan((200 / 9) * 1.25)
    expect(fleet.node('bob').posts).toBeLessThan(320)
    fleet.halt()
  })

  test('stays there as long as it has no peers, and says so', async () => {
    const fleet = virtualFleet({ alone: ['bob'] })
    const { ticks } = await awayFor(fleet, 'bob', 30)
    await fleet.run(120_000)
    const late = ticks.slice(-60)
    expect(Math.max(...late.map((ticked) => lagOf(ticked, 'bob') ?? 99))).toBeLessThanOrEqual(5)
    expect(late.at(-1)?.decision.page.map(({ code }) => code)).toEqual(['no-peers'])
    expect(late.some(({ decision }) => decision.verdicts.some(({ damage }) => damage))).toBe(false)
    const records = (await fleet.ports.history.list('901')).filter(({ what }) => what === 'top-up')
    expect(records.length).toBeLessThanOrEqual(2)
    fleet.halt()
  })
})

test.each<[string, (number: bigint) => boolean]>([
  ['one', (number) => number === 400n],
  ['twenty', (number) => number >= 200n && number < 220n],
  ['the first one', (number) => number === 14n],
])('the archive lacks %s of the blocks: the nodes have them', { timeout: 60_000 }, async (_, unarchived) => {
  const fleet = virtualFleet({ alone: ['bob'], unarchived })
  const { ticks } = await awayFor(fleet, 'bob', 1_500)
  await fleet.run(45_000)
  const last = ticks.at(-1)
  expect(last && lagOf(last, 'bob')).toBeLessThanOrEqual(5)
  fleet.halt()
})

describe.each(['execution', 'host'] as const)('%s back at its genesis: it kept the whole chain in memory', (part) => {
  test.each([40, 90, 300])('of %i blocks; it is given them all, whatever it had', { timeout: 60_000 }, async (n) => {
    const fleet = virtualFleet({ alone: ['bob'] })
    await fleet.begin()
    const ticks: Ticked[] = []
    fleet.watch((ticked) => ticks.push(ticked))
    await fleet.run(n * 1_000)
    await fleet.lose('bob', BigInt(n), part)
    expect(fleet.node('bob').execution.head.number).toBe(0n)
    await fleet.run(15_000)
    const last = ticks.at(-1)
    expect(last && lagOf(last, 'bob')).toBeLessThanOrEqual(5)
    expect(last?.decision.page.map(({ code, node }) => `${code} ${node}`)).toEqual(['no-peers bob'])
    fleet.halt()
  })
})

test('a short chain reaches a standby that Baton has only ever seen at its genesis', async () => {
  const fleet = virtualFleet({ alone: ['bob'] })
  await fleet.begin()
  const pause = fleet.watch()
  await fleet.run(90_000)
  pause()
  await fleet.run(2_000)
  await fleet.lose('bob', 92n, 'host')
  fleet.watch()
  await fleet.run(15_000)
  expect(fleet.node('ada').execution.head.number - fleet.node('bob').execution.head.number).toBeLessThanOrEqual(5n)
  fleet.halt()
})

test('a standby that takes nothing is posted to a few times, then a person is paged', async () => {
  const fleet = virtualFleet({ alone: ['bob'] })
  const { ticks } = await awayFor(fleet, 'bob', 30)
  fleet.node('bob').execution.invalid = () => true
  await fleet.run(90_000)
  const { posts } = fleet.node('bob')
  expect(posts).toBeLessThan(4 * 64 + 1)
  expect(ticks.at(-1)?.decision.page.map(({ code, node }) => `${code} ${node}`)).toContain('takes-nothing bob')
  await fleet.run(120_000)
  expect(fleet.node('bob').posts).toBe(posts)
  fleet.halt()
})

test('a leader without peers is moved away from, although Baton keeps its standbys at the head', async () => {
  const fleet = virtualFleet()
  await fleet.begin()
  const ticks: Ticked[] = []
  fleet.watch((ticked) => ticks.push(ticked))
  await fleet.run(80_000)
  fleet.node('ada').connected = false
  await fleet.run(30_000)
  const [grant] = (await fleet.ports.history.list('901')).filter(({ what }) => what === 'grant')
  expect(grant).toMatchObject({ node: 'bob', reasons: [{ code: 'isolated', node: 'ada' }] })
  // It is the one without blocks now.
  const last = ticks.at(-1)
  expect(last && lagOf(last, 'ada')).toBeLessThanOrEqual(5)
  expect(last?.decision.page.map(({ code, node }) => `${code} ${node}`)).toEqual(['no-peers ada'])
  fleet.halt()
})

test('a leader that may not be replaced stays isolated in what is reported, and its standbys follow', async () => {
  const fleet = virtualFleet()
  await fleet.begin()
  const ticks: Ticked[] = []
  fleet.watch((ticked) => ticks.push(ticked))
  await fleet.run(20_000)
  fleet.node('ada').connected = false
  const held = hold(fleet.ports, 'ann')
  await fleet.run(90_000)
  await held
  const late = ticks.slice(-30)
  for (const ticked of late) expect(ticked.decision.page.map(({ code }) => code)).toContain('isolated')
  for (const name of ['bob', 'cyd'])
    expect(Math.max(...late.map((ticked) => lagOf(ticked, name) ?? 99))).toBeLessThanOrEqual(6)
  fleet.halt()
})
