import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkChain } from './baton/check-chain.ts'
import { Rig } from './baton/rig.ts'
import type { Host } from './devnet/host.ts'
import { until } from './devnet/wait.ts'
import { blocks, eligible, history, recovered } from './recovery/scene.ts'
import { Supervisor } from './recovery/supervisor.ts'

// Baton reaches the engines, but no machine: nothing can be restarted, and op-node stays while a canary is built.
// Each host loses what it has when it is killed, and what was committed is nowhere but with Baton: no batcher. (With the
// path scheme bodies stay without their state, and op-geth wants a restart then: that is a person's, without a host.)
let rig: Rig
let supervisor: Supervisor

beforeAll(async () => {
  supervisor = await Supervisor.listen()
  rig = await Rig.create({
    blockTime: 1,
    batcher: false,
    storage: { scheme: 'hash', gcmode: 'full' },
    configure: (config, devnet) => ({
      ...supervisor.configure(config, devnet, { machines: false }),
      policy: { budgetPerHour: 100 },
    }),
  })
  await rig.devnet.start()
  supervisor.keep(rig.devnet.hosts)
  await rig.startGate()
  rig.startMonitor()
  await rig.healthy()
})
afterAll(async () => {
  await supervisor?.stop()
  await rig?.stop()
})

async function host(leading: boolean): Promise<Host> {
  const holder = await rig.healthy(150_000)
  const found = rig.devnet.hosts.find(({ name }) => (name === holder) === leading)
  if (!found) throw new Error('three hosts are needed')
  return found
}

test('a standby that lost everything and has no peers is refilled and proved', async () => {
  const standby = await host(false)
  await blocks(rig, 40)
  const begun = Date.now()
  supervisor.alone.add(standby.name)
  await supervisor.crash(standby)
  const atWork = async () => (await history(rig, standby, begun)).some(({ what }) => what === 'recovery')
  await until('a recovery begins', atWork, { within: 60_000 })
  supervisor.alone.clear()
  const { methods } = await recovered(rig, standby, begun)
  expect(methods).toContain('fill')
  await rig.healthy(90_000)
  await checkChain(rig)
})

test("the leader's host is killed: another goes on, and it comes back as an eligible standby", async () => {
  const leader = await host(true)
  await blocks(rig, 20)
  const begun = Date.now()
  await supervisor.crash(leader)
  console.log(`${leader.name}: eligible after ${await eligible(rig, leader, begun)} ms`)
  await rig.healthy(150_000)
  await checkChain(rig)
})
