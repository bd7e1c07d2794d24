import type { Cancel, Clock } from '../../lib/local/simulated/clock.ts'

/** No history needs a twentieth of it. */
const MAX_EVENTS = 200_000

/** `at`: ms since the history began; small integers are compared and kept for less than Unix times. */
type Event = { readonly at: number; readonly order: number; work: (() => void) | undefined }

/** Cheaper by half than `queueMicrotask`, once for each event. */
const settled = Promise.resolve()

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
      const step = () => {
        if (this.#halted) return resolve()
        const next = this.#next(until)
        if (next?.work === undefined) {
          this.#now = Math.max(this.#now, until)
          return resolve()
        }
        this.#now = next.at
        if (++this.events > MAX_EVENTS) return reject(new Error(`more than ${MAX_EVENTS} events: it runs away`))
        try {
          next.work()
        } catch (error) {
          return reject(error)
        }
        void settled.then(quiescence)
      }
      // Ticks run after the queue of promises has drained, and a tick asked for in a promise's turn
      // waits for all the others: that is quiescence.
      const quiescence = () => process.nextTick(step)
      void settled.then(quiescence)
    })
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
