import type { Process } from '../../lib/simulator/chain/process.ts'
import type { Noise } from './plan.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'

/** Nothing listens: the process is dead and the kernel says so. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
}

/** No answer in time. Whether the request arrived is unknown. */
export class SilenceError extends Error {
  override readonly name = 'TimeoutError'
  override readonly message = 'no answer in time'
}

/** The network all actors share: it delays, loses, doubles and reorders, and single links can be cut. */
export class Wires {
  readonly scheduler: Scheduler
  readonly #random: Random
  noise: Noise
  readonly #cut = new Map<string, number>()
  #lastArrival = 0

  constructor(scheduler: Scheduler, random: Random, noise: Noise) {
    this.scheduler = scheduler
    this.#random = random
    this.noise = noise
  }

  /** Cuts a link in one direction, or (`-1`) mends one cut of it. */
  cut(from: string, to: string, by: 1 | -1 = 1): void {
    const link = `${from}>${to}`
    const cuts = (this.#cut.get(link) ?? 0) + by
    if (cuts > 0) this.#cut.set(link, cuts)
    else this.#cut.delete(link)
  }

  mendAll(): void {
    this.#cut.clear()
  }

  open(from: string, to: string): boolean {
    return this.#cut.size === 0 || !this.#cut.has(`${from}>${to}`)
  }

  /** Brings one message over: nothing, once, or twice. */
  send(from: string, to: string, arrive: () => void): void {
    const { loss, double } = this.noise
    const copies = this.#random.chance(loss) ? 0 : this.#random.chance(double) ? 2 : 1
    for (let i = 0; i < copies; i++) {
      const delay = this.delay()
      this.#lastArrival = Math.max(this.#lastArrival, this.scheduler.now() + delay)
      this.scheduler.after(delay, () => {
        if (this.open(from, to)) arrive()
      })
    }
  }

  /** When the last message that is on its way now arrives (Unix ms). */
  get lastArrival(): number {
    return this.#lastArrival
  }

  delay(): number {
    const { slow, verySlow } = this.noise
    if (this.#random.chance(verySlow)) return this.#random.int(1_000, 20_000)
    return this.#random.chance(slow) ? this.#random.int(30, 500) : this.#random.int(1, 4)
  }

  /** Asks a process and waits for the answer, at most `timeoutMs`. */
  call<T>(from: string, to: string, timeoutMs: number, serve: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = this.scheduler.after(timeoutMs, () => reject(new SilenceError()))
      const settle = (work: () => void) =>
        this.send(to, from, () => {
          cancel()
          work()
        })
      this.send(from, to, () => {
        serve().then(
          (value) => settle(() => resolve(value)),
          (error: unknown) => settle(() => reject(error)),
        )
      })
    })
  }
}

/** Its stack is not read, and dead processes are asked often. */
const REFUSED = new RefusedError('connection refused')

/** Lets a process serve a request: refused when it is dead, late when it is frozen, never when it dies on the way. */
export function served<T>(process: Process, work: () => Promise<T> | T): Promise<T> {
  return new Promise((resolve, reject) => {
    if (process.status === 'dead') return reject(REFUSED)
    const { signal } = process
    const unlessDead = (settle: () => void) => {
      if (!signal.aborted) process.run(settle)
    }
    const fail = (error: unknown) => unlessDead(() => reject(error))
    process.run(() => {
      try {
        Promise.resolve(work()).then((value) => unlessDead(() => resolve(value)), fail)
      } catch (error) {
        fail(error)
      }
    })
  })
}
