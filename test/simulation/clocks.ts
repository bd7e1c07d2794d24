import type { Cancel, Clock } from '../../lib/simulator/chain/clock.ts'
import type { Scheduler } from './scheduler.ts'

/** One host's clock: it may be wrong, and jump; its timers run at the right speed. */
export class HostClock implements Clock {
  readonly #scheduler: Scheduler
  offsetMs = 0

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  now(): number {
    return this.#scheduler.now() + this.offsetMs
  }

  /** What a process measures spans with: it is never set. */
  monotonic(): number {
    return this.#scheduler.now()
  }

  after(ms: number, work: () => void): Cancel {
    return this.#scheduler.after(ms, work)
  }
}
