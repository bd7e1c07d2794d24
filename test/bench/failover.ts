import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { switchover } from '../../lib/operator/switchover.ts'
import { Rig } from '../real/baton/rig.ts'
import { Devnet } from '../real/devnet/devnet.ts'
import type { Host } from '../real/devnet/host.ts'
import { longestGap, watchBlocks } from '../real/devnet/observe.ts'
import { OpConductors } from '../real/devnet/op-conductor.ts'
import { pause, until } from '../real/devnet/wait.ts'

// The same faults, at the same moment of a slot, on the same devnet under op-conductor and under Baton.
// Prints the longest gap between two blocks as a follower saw it, the slots missed, and the ratio.

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '2' }, only: { type: 'string' } } })
const rounds = Number(values.rounds)

/** What answers for a devnet's sequencers. */
type System = {
  readonly devnet: Devnet
  /** The host that leads a chain that is well. */
  settled(): Promise<Host>
  move(from: Host, to: Host): Promise<void>
  /** What else dies with a host, and comes back with it. */
  loseHost(host: Host): Promise<void>
  restoreHost(host: Host): Promise<void>
  stop(): Promise<void>
}

type Fault = {
  readonly name: string
  strike(system: System, leader: Host, standby: Host): Promise<void>
  mend(system: System, leader: Host): Promise<void>
}

const faults: readonly Fault[] = [
  { name: 'planned switchover', strike: (system, from, to) => system.move(from, to), mend: async () => {} },
  { name: 'op-node killed', strike: (_, leader) => leader.killOpNode(), mend: (_, leader) => leader.startOpNode() },
  {
    name: 'host lost',
    strike: async (system, leader) => void (await Promise.all([leader.kill(), system.loseHost(leader)])),
    mend: async (system, leader) => {
      await leader.start()
      await system.restoreHost(leader)
    },
  },
  {
    name: 'op-geth killed',
    strike: (_, leader) => leader.killExecution(),
    mend: (_, leader) => leader.startExecution(),
  },
  {
    name: 'op-node frozen',
    strike: async (_, leader) => leader.freeze('op-node'),
    mend: async (_, leader) => leader.thaw('op-node'),
  },
  {
    name: 'op-geth frozen',
    strike: async (_, leader) => leader.freeze('execution'),
    mend: async (_, leader) => leader.thaw('execution'),
  },
]

async function opConductor(): Promise<System> {
  const urls: string[] = []
  const devnet = await Devnet.create({ conductorRpc: (index) => urls[index] })
  const conductors = await OpConductors.create(devnet)
  for (const { index } of devnet.hosts) urls.push(conductors.url(index))
  await devnet.start()
  await conductors.start()
  const hostAt = (index: number) => {
    const host = devnet.hosts[index]
    if (!host) throw new Error(`there is no host ${index}`)
    return host
  }
  return {
    devnet,
    settled: async () => hostAt(await conductors.settled(60_000)),
    move: (from, to) => conductors.transfer(from.index, to.index),
    loseHost: async ({ index }) => conductors.processes[index]?.kill(),
    restoreHost: ({ index }) => conductors.restart(index),
    stop: async () => {
      await conductors.stop()
      await devnet.stop()
    },
  }
}

async function baton(): Promise<System> {
  const rig = await Rig.create()
  await rig.devnet.start()
  await rig.startGate()
  rig.startMonitor()
  return {
    devnet: rig.devnet,
    settled: async () => {
      const leader = await rig.healthy()
      return await until('the leader', () => rig.devnet.hosts.find(({ name }) => name === leader))
    },
    move: async (_, to) => void (await switchover(rig.ports, { to: to.name, by: 'bench' })),
    loseHost: async () => {},
    restoreHost: async () => {},
    stop: () => rig.stop(),
  }
}

/** Strikes once and returns the longest gap in seconds, and the slots missed in it. */
async function strike(system: System, fault: Fault): Promise<{ seconds: number; missedSlots: number }> {
  const { devnet } = system
  const leader = await system.settled()
  await until(
    'every host follows',
    async () => (await Promise.all(devnet.hosts.map((host) => host.peered(devnet.hosts.length - 1)))).length > 0,
  )
  await pause(4_000)
  const [standby, follower] = devnet.hosts.filter((host) => host !== leader)
  if (!standby || !follower) throw new Error('three hosts are needed')
  const watch = watchBlocks(follower.executionUrl)
  await watch.more(2)
  await pause(devnet.blockTime * 500)
  await fault.strike(system, leader, standby)
  await watch.more(4, 90_000)
  await watch.stop()
  await fault.mend(system, leader)
  const gap = longestGap(watch.sightings, devnet.blockTime)
  if (!gap) throw new Error('no two blocks were seen')
  return gap
}

const measured = new Map<string, Record<string, { seconds: number; missedSlots: number }[]>>()
for (const [name, start] of Object.entries({ 'op-conductor': opConductor, Baton: baton })) {
  const system = await start()
  try {
    for (const fault of faults.filter((each) => !values.only || each.name === values.only)) {
      for (let round = 0; round < rounds; round++) {
        const gap = await strike(system, fault)
        console.log(`${name}: ${fault.name}: ${gap.seconds.toFixed(2)} s, ${gap.missedSlots} slots missed`)
        const row = measured.get(fault.name) ?? {}
        row[name] = [...(row[name] ?? []), gap]
        measured.set(fault.name, row)
      }
    }
  } finally {
    await system.stop()
  }
}

const worst = (gaps: { seconds: number; missedSlots: number }[] = []) =>
  gaps.toSorted((a, b) => b.seconds - a.seconds)[0] ?? { seconds: Number.NaN, missedSlots: Number.NaN }
const table = new Table({
  head: ['fault on the leader', 'op-conductor s', 'slots', 'Baton s', 'slots', 'ratio'],
  style: { head: [], border: [] },
})
for (const [fault, row] of measured) {
  const [theirs, ours] = [worst(row['op-conductor']), worst(row.Baton)]
  const ratio = (ours.seconds / theirs.seconds).toFixed(2)
  table.push([fault, theirs.seconds.toFixed(2), theirs.missedSlots, ours.seconds.toFixed(2), ours.missedSlots, ratio])
}
console.log(`\nLongest gap between two blocks on a follower, worst of ${rounds} rounds, 2 s blocks:\n${table}`)
process.exit(0)
