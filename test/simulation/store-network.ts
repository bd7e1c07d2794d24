import { StoreUnavailableError } from '../../lib/store/errors.ts'
import type { Wires } from './network.ts'
import type { Random } from './random.ts'

/** What the store does to callers, beside what the network does. */
export type StoreHealth = { down: boolean; throttling: boolean }

/** A stage in the life of a request to the store, for faults that strike just there. */
export type Moment = 'sent' | 'applied' | 'answered'

/** Called with each stage of each request. */
export type OnMoment = (operation: string, moment: Moment, actor: string) => void

/** The deadline of one call, retries included, and of one attempt (the client's own numbers). */
const DEADLINE_MS = 400
const ATTEMPT_MS = 180

/**
 * The way to the store: a request may be lost before or after it was applied, arrive late or twice,
 * be throttled, and be tried again by the client while the first one is still on its way.
 */
export class StoreNetwork {
  readonly health: StoreHealth = { down: false, throttling: false }
  readonly #wires: Wires
  readonly #random: Random
  readonly #onMoment: OnMoment

  constructor(wires: Wires, random: Random, onMoment: OnMoment) {
    this.#wires = wires
    this.#random = random
    this.#onMoment = onMoment
  }

  request<T>(actor: string, operation: string, apply: () => Promise<T>): Promise<T> {
    const { scheduler } = this.#wires
    return new Promise((resolve, reject) => {
      let over = false
      const settle = (work: () => void) => {
        if (over) return
        over = true
        cancel()
        cancelAgain()
        work()
        this.#onMoment(operation, 'answered', actor)
      }
      const fail = (why: string) =>
        settle(() => reject(new StoreUnavailableError(operation, 'simulated', new Error(why))))
      const cancel = scheduler.after(DEADLINE_MS, () => fail('no answer in time'))
      const attempt = () => this.#attempt(actor, operation, apply, (work) => settle(work), { resolve, fail })
      attempt()
      const cancelAgain = scheduler.after(ATTEMPT_MS, attempt)
      this.#onMoment(operation, 'sent', actor)
    })
  }

  #attempt<T>(
    actor: string,
    operation: string,
    apply: () => Promise<T>,
    settle: (work: () => void) => void,
    { resolve, fail }: { resolve: (value: T) => void; fail: (why: string) => void },
  ): void {
    const { health } = this
    const { storeBefore, storeAfter, storeTwice, storeLate } = this.#wires.noise
    const lateMs = this.#random.chance(storeLate) ? this.#random.int(200, 15_000) : 0
    const arrive = () => {
      if (health.down) return
      if (health.throttling && this.#random.chance(0.7)) return this.#reply(actor, () => fail('throttled'))
      if (this.#random.chance(storeBefore)) return this.#reply(actor, () => fail('internal error, not written'))
      void apply().then((value) => {
        if (this.#random.chance(storeTwice)) this.#wires.scheduler.after(this.#random.int(1, 3_000), () => void apply())
        if (this.#random.chance(storeAfter)) this.#reply(actor, () => fail('connection reset after the write'))
        else this.#reply(actor, () => settle(() => resolve(value)))
        this.#onMoment(operation, 'applied', actor)
      })
    }
    if (lateMs > 0) this.#wires.scheduler.after(lateMs, () => this.#wires.open(actor, 'store') && arrive())
    else this.#wires.send(actor, 'store', arrive)
  }

  #reply(actor: string, work: () => void): void {
    this.#wires.send('store', actor, work)
  }
}
