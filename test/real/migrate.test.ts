import type { Hex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adopt } from '../../lib/operator/adopt.ts'
import { pause } from '../../lib/operator/modes.ts'
import { checkChain } from './baton/check-chain.ts'
import { Rig } from './baton/rig.ts'
import { OpConductors } from './devnet/op-conductor.ts'
import { rpc } from './devnet/rpc.ts'
import { until } from './devnet/wait.ts'
import { anotherLeads, gapDuring } from './scenarios.ts'

// docs/migrate-op-conductor.md, step by step.

let rig: Rig
let before: OpConductors
let after: OpConductors | undefined

beforeAll(async () => {
  rig = await Rig.create({ conductorRpc: (index) => before.url(index) })
  before = await OpConductors.create(rig.devnet)
  await rig.devnet.start()
  await before.start()
})
afterAll(async () => {
  await Promise.all([before?.stop(), after?.stop()])
  await rig?.stop()
})

/** Restarts a standby's op-node, or the former leader's, at another conductor. */
async function wire(index: number, conductorRpc: string): Promise<void> {
  const { host } = named(index)
  await host.killOpNode()
  await host.startOpNode({ conductorRpc })
  await rig.devnet.connectPeers()
}

function named(index: number) {
  const host = rig.devnet.hosts[index]
  if (!host) throw new Error(`there is no host ${index}`)
  return { host, name: host.name }
}

const unsafeHead = async (index: number) => {
  const status = await rpc<{ unsafe_l2: { hash: Hex; number: number } }>(
    named(index).host.consensusUrl,
    'optimism_syncStatus',
  )
  return status.unsafe_l2
}

test('over: one block boundary, and nothing of op-conductor is needed afterwards', async () => {
  const baton = (index: number) => rig.wire.conductorRpc(901, `node${index}`, `s3cret/of-node${index}`)
  const leading = await before.settled()
  const [target = 1, other = 0] = [1, 2, 0].filter((index) => index !== leading)
  await before.pause()
  await rig.startGate()
  rig.startMonitor()
  for (const index of [target, other]) await wire(index, baton(index))
  const { number } = await unsafeHead(leading)
  await until('the standbys follow', async () => (await unsafeHead(target)).number > number, { within: 20_000 })
  expect(await rig.ports.heads.read('901'), 'while another sequences, Baton only observes').toBeUndefined()

  const gap = await gapDuring(rig, named(other).host, async () => {
    await adopt(rig.ports, { to: named(target).name, by: 'test' })
    expect(await anotherLeads(rig, '')).toBe(named(target).name)
  })
  console.log('from op-conductor to Baton:', gap.seconds.toFixed(2), 's')
  expect(gap.replaced).toEqual([])
  expect(gap.missedSlots).toBeLessThanOrEqual(1)

  await wire(leading, baton(leading))
  await before.stop()
  expect(await rig.healthy()).toBe(named(target).name)
  await checkChain(rig)
})

test('and back: the first block is given to an empty cluster, and it goes on by itself', async () => {
  const leader = await rig.healthy()
  const from = rig.devnet.hosts.findIndex(({ name }) => name === leader)
  await pause(rig.ports, 'test')
  after = await OpConductors.create(rig.devnet, {}, 'op-conductor-again')
  await after.form()
  // The first conductor of the new cluster leads it; the test before moved to another node.
  expect(from).not.toBe(0)
  const other = 3 - from
  for (const index of [0, other]) await wire(index, after.url(index))
  await until('node0 follows', async () => (await unsafeHead(0)).number + 2 > (await unsafeHead(from)).number)

  const gap = await gapDuring(rig, named(other).host, async () => {
    const hash = await rpc<Hex>(named(from).host.consensusUrl, 'admin_stopSequencer')
    await until('node0 has the last block', async () => (await unsafeHead(0)).hash === hash, { every: 20 })
    await rig.devnet.startSequencer(0, hash)
  })
  console.log('from Baton to op-conductor:', gap.seconds.toFixed(2), 's')
  expect(gap.replaced).toEqual([])
  expect(gap.missedSlots).toBeLessThanOrEqual(1)

  await wire(from, after.url(from))
  await after.resume()
  expect(await after.settled()).toBe(0)
  await after.transfer(0, other)
  await until('op-conductor moves it', async () => (await after?.leader()) === other, { within: 15_000 })
  expect(await after.settled()).toBe(other)
})
