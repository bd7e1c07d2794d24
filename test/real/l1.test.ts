import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest'
import { inspectChain } from '../../lib/context/inspect.ts'
import type { Decision } from '../../lib/protocol/decision.ts'
import type { HistoryRecord } from '../../lib/protocol/records.ts'
import { Rig } from './baton/rig.ts'
import { BATCHER } from './devnet/accounts.ts'
import { rpc } from './devnet/rpc.ts'
import { startUsers } from './devnet/users.ts'
import { pause, until } from './devnet/wait.ts'

/** Seconds; before Fjord a rollup chooses its own. */
const DRIFT_S = 50
/** L1 blocks, two seconds each. */
const WINDOW = 50
const SLOT_S = 2

let rig: Rig

beforeAll(async () => {
  rig = await Rig.create({
    fork: 'ecotone',
    // What L1 calls final it takes back no more: finality is 16 blocks behind, far below what is replaced here.
    l1: { slotsInAnEpoch: 8 },
    rollup: { max_sequencer_drift: DRIFT_S, seq_window_size: WINDOW },
    configure: (config, { l1 }) => ({
      ...config,
      policy: { l1FrozenMs: 24_000 },
      l1: { rpc: l1.url, blockTime: SLOT_S },
    }),
  })
  await rig.devnet.start()
  await rig.startGate()
  rig.startMonitor()
  await rig.healthy()
  await rig.devnet.batcher.started
})
afterAll(() => rig?.stop())
/** Whatever failed, the next test has an L1 that goes on. */
afterEach(() => rig.devnet.l1.resume())

const head = async () => {
  const found = await rig.ports.heads.read('901')
  if (!found) throw new Error('the chain has no head')
  return found
}
const decided = async (): Promise<Decision> => (await inspectChain(rig.ports)).decision
const history = async (what: string): Promise<HistoryRecord[]> =>
  (await rig.ports.history.list('901', { limit: 500 })).filter((record) => record.what === what)
/** Whether the chain made up for a late start: then a slot of its clock is a slot of ours. */
const inStep = async () => Math.abs(Date.now() / 1_000 - Number((await head()).timestamp)) < 2 * SLOT_S
const failovers = async () => (await rig.ports.leases.read('901'))?.grants.length ?? 0

test('the accounts that post are found on L1, with what they have and when they posted', async () => {
  // A devnet begins late, and makes up for it.
  const { batcher } = await until(
    'the batcher posts, window and drift are nearly unused',
    async () => {
      const { l1 } = await decided()
      const [sinceMs = Infinity, window = 1, drift = 1] = [
        l1?.batcher?.sinceInclusionMs,
        l1?.window?.used,
        l1?.drift?.used,
      ]
      return sinceMs < 15_000 && window < 0.25 && drift < 0.25 && l1
    },
    { within: 90_000, every: 500 },
  )
  expect(batcher).toMatchObject({ address: BATCHER.address.toLowerCase() })
  expect(batcher?.balanceWei).toBeGreaterThan(10n ** 21n)
})

test('L1 replaces the head’s origin: the head follows with evidence, the same node goes on', async () => {
  const before = await until(
    'the chain is in step, on L1, some blocks long',
    async () => {
      const found = await head()
      const used = (await decided()).l1?.window?.used ?? 1
      return found.number > 20n && used < 0.25 && (await inStep()) && found
    },
    { within: 90_000, every: 500 },
  )
  const { leader } = before
  // The origin lags behind L1 by what the devnet took to start: its block and the one below go, and what is above.
  const { number: newest } = await rig.devnet.l1.block()
  await rig.devnet.l1.reorg(newest - Number(before.l1Origin?.number ?? newest) + 2)
  const followed = await until('the head followed L1', async () => (await history('follow-l1'))[0], { within: 60_000 })
  const [to, why] = followed.reasons
  expect(to).toMatchObject({ code: 'follow-l1' })
  expect(why).toMatchObject({ code: 'l1-reorged' })
  expect(Number(to?.evidence.from) - Number(to?.evidence.number)).toBeLessThan(20)
  expect(await rig.healthy()).toBe(leader)
  expect((await head()).term).toBeGreaterThan(before.term)
  expect(await failovers()).toBe(0)
})

test('no batch reaches L1: reported with the time left, and when the window is over the head follows what L1 derives', async () => {
  const { batcher } = rig.devnet
  await batcher.kill()
  await batcher.start()
  await until('batches flow', async () => ((await decided()).l1?.window?.used ?? 1) < 0.2, { within: 60_000 })
  // What L1 derives of an empty block is that very block: only transactions make a difference.
  const users = startUsers(rig.devnet)
  onTestFinished(async () => {
    await users.stop()
  })
  await until('every block has transactions', async () => (await users.included()) > 100, { within: 30_000 })
  const known = (await history('follow-l1')).length
  const { leader } = await head()
  await batcher.kill()
  const reported = await until(
    'it is reported',
    async () => {
      const decision = await decided()
      return decision.l1?.reasons.some(({ code }) => code === 'window-closing') && decision
    },
    { within: 60_000, every: 500 },
  )
  const leftMs = reported.l1?.window?.leftMs ?? 0
  const reportedAt = (await rig.devnet.l1.block()).number
  const paged = await until(
    'a person is notified',
    async () => {
      const decision = await decided()
      return decision.page.some(({ code }) => code === 'window-closing') && decision
    },
    { within: 60_000, every: 500 },
  )
  expect(paged.page.map(({ code }) => code)).toContain('batcher-silent')
  expect(await head()).toMatchObject({ leader })

  const followed = await until(
    'the head followed L1',
    async () => {
      const records = await history('follow-l1')
      return records.length > known && records.at(-known - 1)
    },
    { within: 120_000, every: 250 },
  )
  // By L1's own clock: on a busy machine its blocks come late.
  const l1Head = Number(followed.reasons.find(({ code }) => code === 'window-expired')?.evidence.l1Head)
  const tookMs = (l1Head - reportedAt) * SLOT_S * 1_000
  console.log(`window: ${leftMs} ms said to be left, the head followed after ${tookMs} ms`)
  expect(Math.abs(tookMs - leftMs)).toBeLessThanOrEqual(0.1 * WINDOW * SLOT_S * 1_000)
  expect(followed.reasons.map(({ code }) => code)).toEqual(['follow-l1', 'window-expired'])
  // As the runbook says: what is built now would be too late for its window again, unless it is what L1 derives.
  for (const { consensusUrl } of rig.devnet.hosts) await rpc(consensusUrl, 'admin_setRecoverMode', [true])
  await users.stop()
  await batcher.start()
  await rig.healthy(120_000)
  const lagging = async () => (await decided()).l1?.window?.used ?? 1
  await until('the chain is on L1 again', async () => (await lagging()) < 0.5, { within: 120_000, every: 500 })
  for (const { consensusUrl } of rig.devnet.hosts) await rpc(consensusUrl, 'admin_setRecoverMode', [false])
  console.log(`followed ${(await history('follow-l1')).length - known} times, ${await failovers()} failovers`)
}, 360_000)

test('L1 stands still: reported with the time left, a halt that comes when it was said to, and no failover', async () => {
  await until('the chain made up for its late start', inStep, { within: 120_000 })
  const { leader, term } = await head()
  const moved = await failovers()
  await rig.devnet.l1.halt()
  const newest = (await rig.devnet.l1.block()).number
  // A chain that lags behind L1 has some origins left to take: what is said is for when there is none.
  const { leftMs, reportedAt } = await until(
    'the drift is reported on the last origin',
    async () => {
      const { l1Origin, timestamp } = await head()
      const { l1 } = await decided()
      const reported = l1?.reasons.some(({ code }) => code === 'drift-closing') && Number(l1Origin?.number) === newest
      return reported && { leftMs: l1?.drift?.leftMs ?? 0, reportedAt: Number(timestamp) }
    },
    { within: 40_000, every: 500 },
  )
  await until('it is a shared cause', async () => (await decided()).sharedCause?.code === 'l1-frozen', {
    within: 40_000,
  })

  const last = await until(
    'blocks stop',
    async () => {
      const { committedAt, timestamp } = await head()
      return Date.now() - committedAt > 8_000 && Number(timestamp)
    },
    { within: 60_000, every: 500 },
  )
  // By the chain's own clock, which the drift is measured on: a busy machine builds its blocks late.
  const tookMs = (last - reportedAt) * 1_000
  console.log(`drift: ${leftMs} ms said to be left, blocks stopped after ${tookMs} ms`)
  expect(Math.abs(tookMs - leftMs)).toBeLessThanOrEqual(0.1 * DRIFT_S * 1_000)
  const paged = async () =>
    (await history('page')).some(({ reasons }) => reasons.some(({ code }) => code === 'l1-frozen'))
  await until('a person is notified', paged)
  await pause(3_000)
  expect(await head()).toMatchObject({ leader, term })

  await rig.devnet.l1.resume()
  expect(await rig.healthy()).toBe(leader)
  expect(await head()).toMatchObject({ leader, term })
  expect(await failovers()).toBe(moved)
})
