import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkChain } from './baton/check-chain.ts'
import { Rig } from './baton/rig.ts'
import type { Host } from './devnet/host.ts'
import { until } from './devnet/wait.ts'
import { execution } from './programs.ts'
import { blocks, eligible, history, verdictOn } from './recovery/scene.ts'
import { Supervisor } from './recovery/supervisor.ts'

// Baton reaches the engines, but no machine: nothing can be stopped or restarted. What was committed is nowhere but with
// Baton: no batcher.
//   node0, node1  hash scheme, archive: a kill loses the newest blocks
//   node2         path scheme, full: a kill loses the state of all, and op-geth wants a restart after its tail is cut
let rig: Rig
let supervisor: Supervisor

beforeAll(async () => {
  supervisor = await Supervisor.listen()
  rig = await Rig.create({
    blockTime: 1,
    batcher: false,
    storage: (index) => (index === 2 ? { scheme: 'path', gcmode: 'full' } : { scheme: 'hash', gcmode: 'archive' }),
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

function host(index: number): Host {
  const found = rig.devnet.hosts[index]
  if (!found) throw new Error(`there is no host ${index}`)
  return found
}

test('a standby that lost its newest blocks and has no peers is given them, and no one is called', async () => {
  const standby = host(1)
  await blocks(rig, 40)
  const begun = Date.now()
  supervisor.alone.add(standby.name)
  await supervisor.crash(standby)
  console.log(`${standby.name}: at the head again after ${await eligible(rig, standby, begun)} ms`)
  const records = await rig.ports.history.list('901', { limit: 100 })
  expect(records.filter(({ what, at }) => what === 'page' && at >= begun)).toEqual([])
  supervisor.alone.clear()
})

test('a node that was kept out is proved by a block built beside its op-node, which runs', async () => {
  const standby = host(1)
  await rig.cli('quarantine', standby.name, '--why', 'to be looked at')
  const { stdout } = await rig.cli('recover', standby.name)
  expect(stdout).toMatch(/verified: .*, block \d+ built on it and dropped/)
  await eligible(rig, standby, Date.now())
})

test("the leader's host is killed: another goes on, and it comes back as an eligible standby", async () => {
  const name = await rig.healthy(150_000)
  const leader = rig.devnet.hosts.find((host) => host.name === name) ?? host(0)
  await blocks(rig, 20)
  const begun = Date.now()
  await supervisor.crash(leader)
  console.log(`${leader.name}: eligible after ${await eligible(rig, leader, begun)} ms`)
  await rig.healthy(150_000)
  await checkChain(rig)
})

test.runIf(execution().kind === 'op-geth')("bodies without state are a person's: reported, and kept out", async () => {
  const standby = host(2)
  expect(await rig.healthy(150_000)).not.toBe(standby.name)
  const begun = Date.now()
  supervisor.alone.add(standby.name)
  await supervisor.crash(standby)
  const failed = async () => (await history(rig, standby, begun)).some(({ what }) => what === 'page')
  await until('a person is called', failed, { within: 120_000 })
  expect((await verdictOn(rig, standby))?.eligible).toBe(false)
})
