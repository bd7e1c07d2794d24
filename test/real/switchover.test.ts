import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { switchover } from '../../lib/operator/switchover.ts'
import { checkChain } from './baton/check-chain.ts'
import { Rig } from './baton/rig.ts'
import { gaps, watchBlocks } from './devnet/observe.ts'
import { startUsers } from './devnet/users.ts'
import { until } from './devnet/wait.ts'
import { anotherLeads, gapDuring, scene } from './scenarios.ts'

let rig: Rig
beforeAll(async () => {
  rig = await Rig.create()
  await rig.devnet.start()
  await rig.startGate()
  rig.startMonitor()
  await rig.healthy()
})
afterAll(() => rig?.stop())
afterEach(async () => {
  await rig.healthy()
  await checkChain(rig)
})

const ROUNDS = 20

test(`${ROUNDS} planned switchovers in a row under load: no slot missed, nothing replaced`, async () => {
  const users = startUsers(rig.devnet)
  const watch = watchBlocks(rig.devnet.hosts[2]?.executionUrl ?? '')
  await watch.more(2)
  const leaders: string[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const { leader, standbys } = await scene(rig)
    const target = standbys[(round / 2) % 2]
    // Each other one to the best standby, whichever that is.
    const request = round % 2 === 0 && target ? { to: target.name } : {}
    await switchover(rig.ports, { ...request, by: 'test' })
    const led = await anotherLeads(rig, leader.name)
    if (request.to !== undefined) expect(led).toBe(request.to)
    leaders.push(led)
  }
  await watch.more(2)
  await watch.stop()
  const sent = await users.stop()
  await until('the users were served', async () => (await users.included()) >= sent, { within: 30_000 })
  const worst = gaps(watch.sightings, rig.devnet.blockTime).toSorted((a, b) => b.seconds - a.seconds)
  const reported = worst.slice(0, 5).map(({ seconds }) => seconds.toFixed(2))
  console.log(`${ROUNDS} switchovers, ${sent} transactions; longest gaps ${reported.join(', ')} s`)
  expect(new Set(leaders).size).toBe(3)
  expect(worst.filter(({ missedSlots }) => missedSlots > 0)).toEqual([])
  expect(watch.replaced).toEqual([])
})

test('a target that does not commit: rolled back, at most one slot missed', async () => {
  const { leader, standbys } = await scene(rig)
  const [target, follower] = standbys
  if (!target || !follower) throw new Error('two standbys are needed')
  const term = (await rig.ports.heads.read('901'))?.term ?? 0
  const gap = await gapDuring(rig, follower, async () => {
    rig.wire.refuseCommitsOf(target.name)
    await switchover(rig.ports, { to: target.name, by: 'test' })
    await until('it was rolled back', async () => {
      const head = await rig.ports.heads.read('901')
      return head && head.term >= term + 2 && head.committedTerm === head.term && head.leader === leader.name
    })
    rig.wire.refuseCommitsOf(undefined)
  })
  console.log(`rolled back: gap ${gap.seconds.toFixed(2)} s`)
  const lease = await rig.ports.leases.read('901')
  expect(lease?.cause.code).toBe('rolled-back')
  expect(gap.missedSlots).toBeLessThanOrEqual(1)
  expect(gap.replaced).toEqual([])
})

test('an unfit target is refused with the reason, unless it is named and the reason may be overridden', async () => {
  const { leader, standbys } = await scene(rig)
  const [target] = standbys
  if (!target) throw new Error('a standby is needed')
  const refused = async (code: RegExp) => {
    const began = Date.now()
    await switchover(rig.ports, { to: target.name, by: 'test' })
    const record = await until('it is refused', async () =>
      (await rig.ports.history.list('901')).find(({ what, at }) => what === 'refuse-switchover' && at >= began),
    )
    expect(String(record.reasons[0]?.evidence.message)).toMatch(code)
    expect((await rig.ports.heads.read('901'))?.leader).toBe(leader.name)
  }
  await target.killExecution()
  await refused(/execution client refuses connections/)
  await target.startExecution()
  await rig.healthy()
  await expect(async () => switchover(rig.ports, { force: true, by: 'test' })).rejects.toThrow('named')
})

test('scheduled: not before its time, then without a missed slot', async () => {
  const { leader, standbys } = await scene(rig)
  const at = Date.now() + 6_000
  const gap = await gapDuring(rig, standbys[1] ?? leader, async () => {
    await switchover(rig.ports, { to: standbys[0]?.name ?? '', notBefore: at, by: 'test' })
    await anotherLeads(rig, leader.name)
  })
  const head = await rig.ports.heads.read('901')
  expect(head?.fencedAt).toBeGreaterThanOrEqual(at)
  expect(gap).toMatchObject({ missedSlots: 0, replaced: [] })
})
