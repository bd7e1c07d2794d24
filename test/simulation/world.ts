import type { ConductorCall } from '../../lib/simulator/chain/conductor.ts'
import { ArchiverHost } from './archiver-host.ts'
import { HistoryL1, L1_BLOCK_MS } from './blocks.ts'
import { followL1 } from './follow-l1.ts'
import { GateHost } from './gate-host.ts'
import type { Journal } from './journal.ts'
import { ControlHost } from './monitor-host.ts'
import { Wires } from './network.ts'
import { NodeHost } from './node-host.ts'
import { PeerNetwork } from './peers.ts'
import { OPERATOR, type Plan } from './plan.ts'
import { Random } from './random.ts'
import { Referee } from './referee.ts'
import { EPOCH, type Scheduler } from './scheduler.ts'
import { type OnMoment, StoreNetwork } from './store-network.ts'
import { type SharedStore, sharedStore } from './stores.ts'

/** Everybody in one history. */
export type World = {
  readonly plan: Plan
  readonly scheduler: Scheduler
  readonly journal: Journal
  readonly referee: Referee
  readonly wires: Wires
  readonly storeNetwork: StoreNetwork
  readonly store: SharedStore
  readonly l1: HistoryL1
  readonly nodes: readonly NodeHost[]
  readonly gates: readonly GateHost[]
  readonly monitors: readonly ControlHost[]
  readonly operator: ControlHost
  /** What operators began; never rejected. */
  readonly acts: Promise<void>[]
  readonly archiver: ArchiverHost
}

/** Sets everybody up; nothing has happened yet. */
export function setUp(plan: Plan, scheduler: Scheduler, journal: Journal, onMoment: OnMoment): World {
  const random = new Random(plan.seed)
  const onAwait = plan.faults.some(({ on }) => on?.operation === 'await') ? onMoment : undefined
  const referee = new Referee(journal)
  const wires = new Wires(scheduler, random.fork('wires'), plan.noise)
  const storeNetwork = new StoreNetwork(wires, random.fork('store'), onMoment)
  const store = sharedStore(storeNetwork, referee)
  const l1 = new HistoryL1(EPOCH, L1_BLOCK_MS, () => scheduler.now())
  const network = new PeerNetwork(wires)
  const gates = plan.gates.map((name) => new GateHost(name, scheduler, store, referee, onAwait))
  const choose = random.fork('gate')
  const nodes = plan.nodes.map((name) => {
    const conductorCall = callGate(name, wires, () => choose.pick(gates))
    return new NodeHost({ name, scheduler, l1, network, conductorCall, referee, onAwait })
  })
  const surroundings = { plan, wires, store, nodes, gates, l1, referee, onAwait }
  const archiver = new ArchiverHost(scheduler, store, journal, onAwait)
  referee.onHead = (head) => archiver.push(head)
  referee.l1HashAt = (number) => l1.block(number).hash
  referee.publishing = () =>
    nodes.flatMap(({ name, outside, consensus: { conductor, sequencer, process } }) =>
      conductor.overridden && !outside && sequencer.active && process.status === 'running' ? [name] : [],
    )
  followL1(scheduler, l1, nodes, referee)
  return {
    plan,
    scheduler,
    journal,
    referee,
    wires,
    storeNetwork,
    store,
    l1,
    nodes,
    gates,
    monitors: plan.monitors.map((name) => new ControlHost(name, surroundings)),
    operator: new ControlHost(OPERATOR, surroundings),
    acts: [],
    archiver,
  }
}

/** Starts every process. */
export function begin({ plan, nodes, monitors, operator, archiver }: World): void {
  for (const node of nodes) node.start()
  if (plan.start === 'outside') nodes[0]?.sequenceOutside()
  for (const monitor of monitors) monitor.start()
  operator.process.start()
  archiver.start()
}

const texts = new WeakMap<object, string>()

/** Envelopes are sent often, and histories share them: each is made text of once. */
function textOf(param: unknown): string {
  if (typeof param !== 'object' || param === null) return JSON.stringify(param)
  const text = texts.get(param) ?? JSON.stringify(param)
  texts.set(param, text)
  return text
}

/** A node's transport to its conductor: any of the gates, as behind a load balancer. */
function callGate(node: string, wires: Wires, choose: () => GateHost): ConductorCall {
  let lastId = 0
  return (method, params, signal) => {
    const body = `{"jsonrpc":"2.0","id":${++lastId},"method":"${method}","params":[${params.map(textOf).join()}]}`
    const gate = choose()
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      wires.call(node, gate.name, 2_000, () => gate.answer(node, body)).then(resolve, reject)
    })
  }
}
