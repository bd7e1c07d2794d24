import type { ChainPorts } from '../../lib/context/ports.ts'
import type { StepResult } from '../../lib/host/host.ts'
import { silentLog } from '../../lib/log.ts'
import { runMonitor } from '../../lib/monitor/run.ts'
import type { NodeConfig } from '../../lib/protocol/observation.ts'
import type { Process } from '../../lib/simulator/chain/process.ts'
import type { HistoryL1 } from './blocks.ts'
import { HostClock } from './clocks.ts'
import type { GateHost } from './gate-host.ts'
import { newProcess } from './host-process.ts'
import { l1Port } from './l1-port.ts'
import type { Wires } from './network.ts'
import type { NodeHost } from './node-host.ts'
import { nodePort } from './node-port.ts'
import { CHAIN, type Ending, type Plan } from './plan.ts'
import { POLICY } from './policy.ts'
import type { Referee } from './referee.ts'
import type { OnMoment } from './store-network.ts'
import type { SharedStore } from './stores.ts'

export type Surroundings = {
  readonly plan: Plan
  readonly wires: Wires
  readonly store: SharedStore
  readonly nodes: readonly NodeHost[]
  readonly gates: readonly GateHost[]
  readonly l1: HistoryL1
  readonly referee: Referee
  /** Called with every wait of a process for an answer, if a fault is to strike at one. */
  readonly onAwait: OnMoment | undefined
}

/** Endings in which a node shows what was not committed: it lies, or publishes without commits by order. */
const ENDINGS_WITH_MORE: readonly Ending[] = [
  'head-left',
  'liar-asked',
  'two-bad-nodes',
  'zombie-alone',
  'two-operators',
]

/** A process that looks at nodes and writes to the store: a monitor, or an operator's command line. */
export class ControlHost {
  readonly name: string
  readonly clock: HostClock
  readonly process: Process
  readonly ports: ChainPorts
  readonly #referee: Referee
  /** No node ever shows what was not committed. */
  readonly #honest: boolean
  readonly #looksEvery: number
  /** What it would call a person for, as of its last turn as the active one; and since when (ms). */
  paging: { readonly codes: readonly string[]; readonly since: number } | undefined
  #lives = 0

  constructor(name: string, { plan, wires, store, nodes, gates, l1, referee, onAwait }: Surroundings) {
    const { scheduler } = wires
    this.name = name
    this.#referee = referee
    this.#honest = isHonest(plan)
    this.#looksEvery = plan.looksEvery
    this.clock = new HostClock(scheduler)
    this.process = newProcess(this.clock, name, onAwait)
    const { process, clock } = this
    const ports = new Map(nodes.map((node) => [node.name, nodePort(name, process, node, wires)]))
    const stores = store.clientOf(name, process)
    let suffix = 0
    const [gate] = gates
    this.ports = {
      ...stores,
      ...(plan.rivals && {
        monitorLease: { ...stores.monitorLease, acquire: async (_, owner) => ({ owner, until: 0, since: 0 }) },
      }),
      chain: { id: CHAIN, name: 'simulated' },
      nodes: nodes.map(
        ({ name }, i): NodeConfig => ({ name, zone: `zone-${i}`, priority: 100 - 10 * i, noFailover: false }),
      ),
      policy: POLICY,
      log: silentLog,
      suffix: () => `${name}-${suffix++}`,
      clock: { now: () => clock.now(), monotonic: () => clock.monotonic(), sleep: (ms) => process.sleep(ms) },
      port: (node) => {
        const port = ports.get(node)
        if (!port) throw new Error(`node "${node}" is not configured`)
        return port
      },
      host: (node) => ({
        run: (step) =>
          process.ask(() =>
            runStep(
              step,
              nodes.find(({ name }) => name === node),
              wires,
            ),
          ),
      }),
      ...(plan.ending === 'origin-gone' && { l1: l1Port(name, process, l1, wires) }),
      ...(plan.asksGate && gate && { gate: () => process.ask(() => asksGate(name, gate, wires)) }),
    }
  }

  /** Begins a new life as a monitor that remembers nothing. */
  start(): void {
    if (this.process.status !== 'dead') return
    this.process.start()
    const { journal } = this.#referee
    const [first] = this.ports.nodes
    let lookedAt: number | undefined
    runMonitor(this.ports, {
      owner: `${this.name}.${this.#lives++}`,
      signal: this.process.signal,
      observeEvery: this.#looksEvery,
      onTick: ({ decision, view }, active) => {
        const at = view.observed[first?.name ?? '']?.observation.at
        if (at !== undefined && at === lookedAt) journal.reach('turn without a look')
        lookedAt = at
        journal.note(
          this.name,
          () =>
            `${active ? '' : '(stands by) '}${decision.condition}: ${decision.reasons.map(({ code, node = '' }) => `${code} ${node}`.trim()).join(', ')}`,
        )
        if (decision.sharedCause) journal.reach(`shared cause ${decision.sharedCause.code}`)
        if (decision.sharedCause?.code === 'commits-missing' && this.#honest)
          journal.violate(6, 'a false alarm: no node ever showed a block that was not committed')
        for (const { code } of decision.page) journal.reach(`page ${code}`)
        const codes = decision.page.map(({ code }) => code)
        if (active) this.paging = codes.length > 0 ? { codes, since: this.paging?.since ?? journal.now() } : undefined
      },
    }).catch((error: unknown) => journal.violate('crash', `${this.name} ended: ${(error as Error).stack}`))
  }
}

function isHonest({ start, faults, ending }: Plan): boolean {
  const astray = faults.some(({ effect }) => effect.do === 'lie' || effect.do === 'go-astray')
  return start === 'fresh' && !astray && !ENDINGS_WITH_MORE.includes(ending)
}

async function asksGate(from: string, gate: GateHost, wires: Wires) {
  try {
    await wires.call(from, gate.name, 500, () => gate.healthy())
    return { ok: true } as const
  } catch (error) {
    return { ok: false, message: (error as Error).message } as const
  }
}

const RESTART_MS = 300

/** What a machine's prepared step does to its node: all that is asked for here is a restart of its op-node. */
async function runStep(step: string, node: NodeHost | undefined, { scheduler }: Wires): Promise<StepResult> {
  if (step !== 'restart-consensus' || !node) throw new Error(`no step "${step}"`)
  node.kill('consensus')
  await new Promise<void>((resolve) => scheduler.after(RESTART_MS, resolve))
  node.start()
  return { step, exitCode: 0, stdout: '', stderr: '', ms: RESTART_MS }
}
