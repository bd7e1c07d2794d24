import { afterAll, beforeAll, expect, test } from 'vitest'
import { Devnet } from './devnet.ts'
import { assertSameChain, type BlockWatch, gaps, inStep, longestGap, missedSlots, watchBlocks } from './observe.ts'
import { rpc } from './rpc.ts'
import { until } from './wait.ts'

let devnet: Devnet
let watch: BlockWatch

beforeAll(async () => {
  devnet = await Devnet.create({ blockTime: 2 })
  await devnet.start()
  await devnet.startSequencer(0)
  watch = watchBlocks(host(2).executionUrl)
})

afterAll(async () => {
  await watch?.stop()
  await devnet?.stop()
})

function host(index: number) {
  const found = devnet.hosts[index]
  if (!found) throw new Error(`there is no host ${index}`)
  return found
}

test('one host sequences, the others follow without missing a slot', async () => {
  await watch.reached(8)
  const steady = inStep(watch.sightings, 2)
  expect(steady.length).toBeGreaterThan(3)
  expect(longestGap(steady, 2)?.missedSlots).toBe(0)
  const known = async () => (await host(1).execution.hashAt(8)) !== undefined
  await until('block 8 on node1', known, { hint: host(1).logs.execution })
  await assertSameChain(devnet.hosts, 8)
})

test('blocks come back from L1 as safe ones', async () => {
  const safe = async () => {
    type Status = { safe_l2: { number: number } }
    return (await rpc<Status>(host(2).consensusUrl, 'optimism_syncStatus')).safe_l2.number > 3
  }
  await until('a safe head above 3', safe, { within: 30_000, hint: devnet.batcher.process.log })
})

test('a host that was killed comes back on its URLs and catches up', async () => {
  await host(1).kill()
  await expect(rpc(host(1).executionUrl, 'eth_chainId')).rejects.toThrow(/ECONNREFUSED/)
  await watch.more(3)
  await host(1).start()
  const target = watch.head?.number ?? 0
  await until(`block ${target} on node1`, async () => (await host(1).execution.hashAt(target)) !== undefined, {
    within: 30_000,
    hint: host(1).logs['op-node'],
  })
  await assertSameChain(devnet.hosts, target)
})

test('a frozen program is silent and goes on after it is thawed', async () => {
  host(1).freeze('op-node')
  // The kernel stops its threads one after the other: a request may still be answered.
  await until('it is silent', () =>
    rpc(host(1).consensusUrl, 'optimism_syncStatus', [], 500).then(
      () => false,
      (error: Error) => /timeout/.test(error.message),
    ),
  )
  host(1).thaw('op-node')
  await rpc(host(1).consensusUrl, 'optimism_syncStatus')
})

test('a gap is counted in the blocks that should have come', () => {
  expect([0.1, 2, 2.9, 3.1, 6.4, 20.2].map((seconds) => missedSlots(seconds, 2))).toEqual([0, 0, 0, 1, 2, 9])
  const seen = (number: number, seenAt: number, stalledMs = 0) =>
    ({ number, seenAt, stalledMs, hash: '0x', parentHash: '0x', timestamp: 0 }) as const
  expect(gaps([seen(1, 0), seen(2, 2_000), seen(3, 8_000), seen(4, 14_000, 3_500)], 2)).toEqual([
    { from: 1, to: 2, seconds: 2, missedSlots: 0 },
    { from: 2, to: 3, seconds: 6, missedSlots: 2 },
    // The machine stood still for 3.5 s of it.
    { from: 3, to: 4, seconds: 6, missedSlots: 0 },
  ])
})
