import { createGate, type Gate } from '../../lib/gate/handle.ts'
import type { Process } from '../../lib/simulator/chain/process.ts'
import { HostClock } from './clocks.ts'
import { newProcess } from './host-process.ts'
import { served } from './network.ts'
import { CHAIN } from './plan.ts'
import type { Referee } from './referee.ts'
import type { Scheduler } from './scheduler.ts'
import type { OnMoment } from './store-network.ts'
import type { SharedStore } from './stores.ts'

const SECRET = 'secret'
const authorization = `Basic ${Buffer.from(`node:${SECRET}`).toString('base64')}`

/** A gate: the real handler, in a process that can die, freeze and be cut off. */
export class GateHost {
  readonly name: string
  readonly clock: HostClock
  readonly process: Process
  readonly #gate: Gate

  constructor(name: string, scheduler: Scheduler, store: SharedStore, referee: Referee, onAwait?: OnMoment) {
    const { journal } = referee
    this.name = name
    this.clock = new HostClock(scheduler)
    this.process = newProcess(this.clock, name, onAwait)
    this.process.start()
    const { heads, objects } = store.clientOf(name, this.process)
    this.#gate = createGate({
      heads,
      objects,
      readyChain: CHAIN,
      version: 'simulated',
      now: () => this.clock.now(),
      findSecrets: () => this.process.ask(async () => [SECRET]),
      metrics: {
        commit: ({ node }, result) => {
          journal.note(name, () => `answers ${node}: ${result}`)
          journal.reach(`commit ${result}`)
          if (result === 'not-leader') referee.refused(node)
        },
        call: () => {},
      },
    })
  }

  /** Answers one JSON-RPC call of a node, as op-node's client would send it. */
  async answer(node: string, body: string): Promise<unknown> {
    const response = await served(this.process, () =>
      this.#gate({ method: 'POST', path: `/v1/chains/${CHAIN}/nodes/${node}`, authorization, body: Buffer.from(body) }),
    )
    const { result, error }: { result?: unknown; error?: { message: string } } = JSON.parse(response.body)
    if (error) throw new Error(error.message)
    return result
  }

  /** Whether it answers at all. */
  async healthy(): Promise<boolean> {
    const { status } = await served(this.process, () =>
      this.#gate({ method: 'GET', path: '/healthz', authorization: undefined, body: new Uint8Array() }),
    )
    return status === 200
  }

  start(): void {
    this.process.start()
  }
}
