import { numberToHex } from 'viem'
import { expect, test } from 'vitest'
import type { Ticked } from '../../../lib/monitor/tick.ts'
import { virtualFleet } from '../virtual-fleet.ts'

const HOUR_MS = 3_600_000
const FIVE_MINUTES_MS = 300_000

/** What a client says of its sync, by how long it has moved (ms) and where the chain is. */
type Double = (moved: () => number, highest: () => number) => () => Readonly<Record<string, unknown>>

/** What op-geth says in a snap sync: no block for hours, while its accounts and storage grow. */
const snapSync: Double = (moved, highest) => {
  return () => ({
    startingBlock: '0x0',
    currentBlock: '0x0',
    highestBlock: numberToHex(highest()),
    syncedAccounts: numberToHex(Math.floor(moved() / 7_000)),
    syncedStorage: numberToHex(Math.floor(moved() / 3_000)),
    healedTrienodes: '0x0',
    healingTrienodes: '0x0',
  })
}

/** What op-reth says while it stages: its stages move one after the other. */
const stages: Double = (moved, highest) => {
  return () => ({
    startingBlock: '0x0',
    currentBlock: '0x0',
    highestBlock: numberToHex(highest()),
    stages: [
      { name: 'Headers', block: numberToHex(Math.min(1_000, Math.floor(moved() / 60_000))) },
      { name: 'Bodies', block: numberToHex(Math.floor(moved() / 90_000)) },
    ],
  })
}

/** What op-reth says in fact: where it stands is its target, too, and only its stages tell that it moves. */
const stagesOfReth: Double = (moved) => {
  return () => ({
    ...{ startingBlock: '0x0', currentBlock: '0x0', highestBlock: '0x0', warpChunksAmount: null },
    stages: [
      { name: 'Headers', block: numberToHex(Math.floor(moved() / 60_000)) },
      { name: 'Execution', block: numberToHex(Math.floor(moved() / 90_000)) },
      { name: 'Finish', block: '0x0' },
    ],
  })
}

/** A chain of which bob syncs from its peers, watched by a monitor; `stand` stops whatever moves. */
async function begin(double: Double) {
  const fleet = virtualFleet()
  await fleet.begin()
  const ticks: Ticked[] = []
  fleet.watch((ticked) => ticks.push(ticked))
  await fleet.run(20_000)
  const syncs = { until: Number.POSITIVE_INFINITY }
  const began = fleet.now()
  const head = () => Number(fleet.node('ada').execution.head.number)
  fleet.snapSync(
    'bob',
    double(() => Math.min(fleet.now(), syncs.until) - began, head),
  )
  ticks.length = 0
  const stand = () => {
    syncs.until = fleet.now()
  }
  return { fleet, ticks, stand }
}

const damaged = ({ decision }: Ticked) => decision.verdicts.find(({ node }) => node === 'bob')?.damage !== undefined

test.each<[string, Double]>([
  ['a snap sync', snapSync],
  ['a staged sync', stages],
  ["op-reth's staged sync", stagesOfReth],
])(
  '%s that moves: an hour without page, damage or act; a standstill is seen within five minutes',
  async (_, double) => {
    const { fleet, ticks, stand } = await begin(double)
    await fleet.run(HOUR_MS)
    expect(ticks.length).toBeGreaterThan(3_000)
    expect(ticks.filter(({ decision }) => decision.page.length > 0)).toEqual([])
    expect(ticks.filter(damaged)).toEqual([])
    const acts = (await fleet.ports.history.list('901', { limit: 200 })).filter(({ node }) => node === 'bob')
    expect(acts.map(({ what }) => what)).toEqual([])
    expect(
      ticks.some(({ decision }) => decision.verdicts.some(({ node, eligible }) => node === 'bob' && eligible)),
    ).toBe(false)
    stand()
    const stoodAt = fleet.now()
    ticks.length = 0
    await fleet.run(FIVE_MINUTES_MS)
    const seen = ticks.find(damaged)
    expect((seen?.view.now ?? Number.POSITIVE_INFINITY) - stoodAt).toBeLessThan(FIVE_MINUTES_MS)
    expect((seen?.view.now ?? 0) - stoodAt, 'and not before it has stood for minutes').toBeGreaterThan(180_000)
    fleet.halt()
  },
  120_000,
)

test('a sync that reports its blocks has an estimate in the status, which follows its pace', async () => {
  const fleet = virtualFleet()
  await fleet.begin()
  const ticks: Ticked[] = []
  fleet.watch((ticked) => ticks.push(ticked))
  await fleet.run(5_000)
  const began = fleet.now()
  // Ten blocks a second to block 36,000: an hour.
  fleet.snapSync('bob', () => ({
    currentBlock: numberToHex(Math.floor((fleet.now() - began) / 100)),
    highestBlock: numberToHex(36_000),
  }))
  await fleet.run(1_200_000)
  const reasons = ticks.at(-1)?.decision.verdicts.find(({ node }) => node === 'bob')?.reasons ?? []
  const reported = reasons.find(({ code }) => code === 'syncing-until')
  expect(Number(reported?.evidence.ms)).toBeGreaterThan(2_300_000)
  expect(Number(reported?.evidence.ms)).toBeLessThan(2_500_000)
  fleet.halt()
}, 120_000)
