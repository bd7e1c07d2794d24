import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Reason } from '../../lib/protocol/reason.ts'
import { checkChain } from './baton/check-chain.ts'
import { Rig } from './baton/rig.ts'
import type { Host } from './devnet/host.ts'
import { rpc } from './devnet/rpc.ts'
import { until } from './devnet/wait.ts'
import { execution } from './programs.ts'
import { blocks, committed, eligible, history, latest, recovered, verdictOn } from './recovery/scene.ts'
import { Supervisor } from './recovery/supervisor.ts'

// One chain whose hosts keep it in different ways: what a kill leaves behind differs with it.
//   node0  hash scheme, archive, leveldb: loses nothing, so that it can lead throughout
//   node1  path scheme, archive: bodies stay, their state is lost
//   node2  path scheme, full: nothing stays
let rig: Rig
let supervisor: Supervisor
let bodies: Host
let nothing: Host

beforeAll(async () => {
  supervisor = await Supervisor.listen()
  rig = await Rig.create({
    blockTime: 1,
    // Started when the first kill is done: as long as nothing is final, op-geth's freezer takes no blocks, and the
    // bodies stay (a head that falls below frozen blocks takes the bodies with it).
    batcher: false,
    storage: (index) =>
      index === 0
        ? { scheme: 'hash', gcmode: 'archive', engine: 'leveldb' }
        : { scheme: 'path', gcmode: index === 1 ? 'archive' : 'full' },
    configure: (config, devnet) => supervisor.configure(config, devnet),
  })
  await rig.devnet.start()
  const [, one, two] = rig.devnet.hosts
  if (!one || !two) throw new Error('three hosts are needed')
  bodies = one
  nothing = two
  supervisor.keep(rig.devnet.hosts)
  await rig.startGate()
  rig.startMonitor()
  await rig.healthy()
})
afterAll(async () => {
  await supervisor?.stop()
  await rig?.stop()
})
afterEach(async () => {
  supervisor.alone.clear()
  if (!rig.monitors[0]?.running) rig.startMonitor()
  await rig.healthy(90_000)
  await checkChain(rig)
})

/** The newest safe block of a host's op-node. */
async function safe(host: Host | undefined): Promise<number> {
  type Status = { safe_l2: { number: number } }
  return host ? (await rpc<Status>(host.consensusUrl, 'optimism_syncStatus')).safe_l2.number : 0
}

/** What a person was called for since then. */
async function pages(since: number) {
  const records = await rig.ports.history.list('901', { limit: 300 })
  return records.filter(({ what, at }) => what === 'page' && at >= since)
}

/** Crashes a host that cannot heal itself by what its peers say, until Baton has brought it back. */
async function cured(host: Host): Promise<void> {
  const begun = Date.now()
  supervisor.alone.add(host.name)
  await supervisor.crash(host)
  console.log(`${host.name}: eligible after ${await eligible(rig, host, begun)} ms`)
  const cures = async () => (await history(rig, host, begun)).map(({ what }) => what)
  const isCure = (what: string) => what === 'recovered' || what === 'top-up'
  // What was posted is reported once it has arrived.
  await until('it is reported', async () => (await cures()).some(isCure), { within: 60_000 })
  supervisor.alone.clear()
  expect(await cures()).not.toContain('recovery-failed')
  // One that was cured without a restart is still without peers: its supervisor starts it with them.
  const peers = await rpc(host.consensusUrl, 'opp2p_peerStats', [], 1_000).catch(() => undefined)
  if (peers === undefined) await host.killOpNode()
}

const onGeth = execution().kind === 'op-geth'

describe('an execution client whose state went with its process', () => {
  test.runIf(onGeth)(
    'bodies without state: the wedge reproduced, seen for what it is, and cured without a person',
    async () => {
      await until('60 blocks', async () => (await committed(rig)) >= 60, { within: 120_000 })
      await rig.monitors[0]?.kill()
      const begun = Date.now()
      const before = readFileSync(bodies.logs['op-node'], 'utf8').length
      await supervisor.lose(bodies)
      await rig.devnet.batcher.start()
      await until('L1 has the batches', async () => (await safe(rig.devnet.hosts[0])) >= 40, { within: 60_000 })
      // With peers op-geth may be handed a block it never had, and then executes all that are stored below it.
      supervisor.alone.add(bodies.name)
      supervisor.boot(bodies)
      await until('op-node ends in a loop', () => supervisor.restarts(bodies, 'consensus') >= 4, { within: 90_000 })
      const log = readFileSync(bodies.logs['op-node'], 'utf8').slice(before)
      expect(log).toContain('Critical error')
      expect(log).toContain('deposit only block was invalid')
      expect(await rpc(bodies.executionUrl, 'eth_syncing'), 'health checks are green').toBe(false)
      expect(await latest(bodies)).toBe(0)

      const lost = async () => {
        const verdict = await verdictOn(rig, bodies)
        return verdict?.damage?.some(({ code }) => code === 'state-lost') && verdict
      }
      const verdict = await until('its lost state is seen', lost, { within: 60_000 })
      expect(verdict.eligible).toBe(false)

      supervisor.alone.clear()
      rig.startMonitor()
      const { methods } = await recovered(rig, bodies, begun)
      expect(methods).toContain('cut-tail')
    },
  )

  test('nothing left, and nothing of it on L1: what it had comes from the archive and its peers', async () => {
    await rig.devnet.batcher.kill()
    await cured(nothing)
    await rig.devnet.batcher.start()
  })

  test('a journal is left: the head falls to where it was written', async () => {
    await bodies.stop()
    await eligible(rig, bodies, 0)
    const journal = await committed(rig)
    await rig.devnet.batcher.kill()
    await blocks(rig, 15)
    await cured(bodies)
    expect(await latest(bodies)).toBeGreaterThan(journal)
    await rig.devnet.batcher.start()
  })
})

test('the data folder of a node is deleted: a person says that it is this node, and it is refilled from genesis', async () => {
  const begun = Date.now()
  await supervisor.deleteData(nothing)
  supervisor.boot(nothing)
  // It may as well be a wrong URL. op-reth gets its genesis at each start: there it is only behind.
  const isIt = ({ code, node }: Reason) => code === 'other-chain' && node === nothing.name
  const paged = async () => (await pages(begun)).some(({ reasons }) => reasons.some(isIt))
  if (!onGeth) return void (await eligible(rig, nothing, begun))
  await until('a person is called', paged, { within: 60_000 })

  // Restarts that do nothing are found out, reported, and the node stays in quarantine.
  supervisor.lazy.add(nothing.name)
  const failed = await rig.cli('recover', nothing.name).catch((error: { stderr: string }) => error)
  expect(failed.stderr).toMatch(/answered all the time|still answers|does not answer|tried empty-execution \(failed\)/)
  expect((await rig.ports.leases.read('901'))?.quarantine).toHaveProperty(nothing.name)
  supervisor.lazy.clear()

  const again = Date.now()
  const { stdout } = await rig.cli('recover', nothing.name)
  expect(stdout).toContain('verified:')
  const { methods } = await recovered(rig, nothing, again)
  expect(methods).toContain('empty-execution')
})
