import type { Cancel, Clock } from '../../lib/simulator/chain/clock.ts'

/** No history needs a twentieth of it. */
const MAX_EVENTS = 200_000

/** `at`: ms since the history began; small integers are compared and kept for less than Unix times. */
type Event = { readonly at: number; readonly order: number; work: (() => void) | undefined }

/**
 * Runs every promise and tick until none is left: what Node itself does between two timers. It has no other name, and
 * a history in which each event is a turn of Node's loop costs a tenth more.
 */
const { _tickCallback: runUntilQuiet } = process as NodeJS.Process & { _tickCallback: () => void }

/** When every history begins (Unix ms). */
export const EPOCH = 1_800_000_000_000

/**
 * Virtual time. Events happen in the order of their time, then of their scheduling; between two of
 * them every promise runs until nothing is left to run. Nothing here waits for real time.
 */
export class Scheduler implements Clock {
  readonly #heap: Event[] = []
  #now = 0
  #order = 0
  #halted = false
  events = 0

  now(): number {
    return EPOCH + this.#now
  }

  after(ms: number, work: () => void): Cancel {
    const event: Event = { at: this.#now + Math.max(0, Math.ceil(ms)), order: this.#order++, work }
    this.#push(event)
    return () => {
      event.work = undefined
    }
  }

  /** Lets nothing happen any more. */
  halt(): void {
    this.#halted = true
  }

  /** Runs until the given time, or until halted. */
  run(untilMs: number): Promise<void> {
    const until = untilMs - EPOCH
    return new Promise((resolve, reject) => {
      // Promises can be run to their end by what is not itself run by one.
      setImmediate(() => {
        try {
          this.#runEvents(until)
          resolve()
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  #runEvents(until: number): void {
    while (!this.#halted) {
      const next = this.#next(until)
      if (next?.work === undefined) {
        this.#now = Math.max(this.#now, until)
        return
      }
      this.#now = next.at
      if (++this.events > MAX_EVENTS) throw new Error(`more than ${MAX_EVENTS} events: it runs away`)
      next.work()
      runUntilQuiet()
    }
  }

  /** Takes the next event up to a time off the heap, past those that were cancelled. */
  #next(until: number): Event | undefined {
    for (let next = this.#heap[0]; next !== undefined && next.at <= until; next = this.#heap[0]) {
      this.#pop()
      if (next.work !== undefined) return next
    }
    return undefined
  }

  #push(event: Event): void {
    const heap = this.#heap
    let i = heap.push(event) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      const above = heap[parent]
      if (above === undefined || before(above, event)) break
      heap[i] = above
      heap[parent] = event
      i = parent
    }
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      const [left, right] = [heap[child], heap[child + 1]]
      if (left === undefined) break
      if (right !== undefined && before(right, left)) child++
      const smaller = right !== undefined && before(right, left) ? right : left
      if (before(last, smaller)) break
      heap[i] = smaller
      i = child
    }
    heap[i] = last
  }
}

const before = (a: Event, b: Event) => a.at < b.at || (a.at === b.at && a.order < b.order)
