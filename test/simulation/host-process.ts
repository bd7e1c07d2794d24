import type { Clock } from '../../lib/simulator/chain/clock.ts'
import { Process } from '../../lib/simulator/chain/process.ts'
import type { OnMoment } from './store-network.ts'

/** A process of a host whose every wait for an answer from outside is a moment a fault can strike at. */
class HostProcess extends Process {
  readonly #name: string
  readonly #onMoment: OnMoment

  constructor(clock: Clock, name: string, onMoment: OnMoment) {
    super(clock)
    this.#name = name
    this.#onMoment = onMoment
  }

  override ask<T>(call: () => Promise<T>): Promise<T> {
    this.#onMoment('await', 'sent', this.#name)
    return super.ask(() => call().finally(() => this.#onMoment('await', 'answered', this.#name)))
  }
}

/** A process; one whose waits are reported only where something listens, since that costs. */
export function newProcess(clock: Clock, name: string, onAwait: OnMoment | undefined): Process {
  return onAwait ? new HostProcess(clock, name, onAwait) : new Process(clock)
}
