import type { Cancel, Clock } from './clock.ts'

type Work = { readonly run: () => void; readonly dropped: (() => void) | undefined }

export type ProcessStatus = 'running' | 'frozen' | 'dead'

/** One life of a process, as the code in it sees it: after a kill, nothing of it continues in the next one. */
export type Life = Pick<Process, 'now' | 'run' | 'after' | 'sleep' | 'ask' | 'whenKilled'>

/**
 * An operating system process that can be killed, frozen (as by SIGSTOP) and thawed. Everything it does goes through
 * {@link run}: while it is frozen, timers, incoming messages and answers queue up and run in order at the thaw; a kill
 * drops them.
 */
export class Process implements Clock {
  readonly #clock: Clock
  readonly #timers = new Set<Cancel>()
  readonly #ends = new Set<() => void>()
  #status: ProcessStatus = 'dead'
  #life = new AbortController()
  #backlog: Work[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get status(): ProcessStatus {
    return this.#status
  }

  /** Aborts when this life of the process ends. */
  get signal(): AbortSignal {
    return this.#life.signal
  }

  /** The current life. */
  life(): Life {
    const { signal } = this
    return {
      now: () => this.now(),
      run: (work, dropped) => (signal.aborted ? dropped?.() : this.run(work, dropped)),
      after: (ms, work) => (signal.aborted ? () => {} : this.after(ms, work)),
      sleep: (ms) => (signal.aborted ? new Promise(() => {}) : this.sleep(ms)),
      ask: (call) => (signal.aborted ? new Promise(() => {}) : this.ask(call)),
      whenKilled: (work) => (signal.aborted ? () => {} : this.whenKilled(work)),
    }
  }

  now(): number {
    return this.#clock.now()
  }

  start(): void {
    if (this.#status !== 'dead') return
    this.#life = new AbortController()
    this.#status = 'running'
  }

  kill(): void {
    if (this.#status === 'dead') return
    this.#status = 'dead'
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
    const lost = this.#backlog
    this.#backlog = []
    this.#life.abort()
    const ends = [...this.#ends]
    this.#ends.clear()
    for (const work of ends) work()
    for (const { dropped } of lost) dropped?.()
  }

  freeze(): void {
    if (this.#status === 'running') this.#status = 'frozen'
  }

  thaw(): void {
    if (this.#status !== 'frozen') return
    this.#status = 'running'
    const backlog = this.#backlog
    this.#backlog = []
    for (const { run, dropped } of backlog) this.run(run, dropped)
  }

  /** Runs `work` now, or after the thaw; `dropped` instead if the process is or gets killed before. */
  run(work: () => void, dropped?: () => void): void {
    if (this.#status === 'running') work()
    else if (this.#status === 'frozen') this.#backlog.push({ run: work, dropped })
    else dropped?.()
  }

  after(ms: number, work: () => void): Cancel {
    if (this.#status === 'dead') return () => {}
    let cancelled = false
    const cancel = this.#clock.after(ms, () => {
      this.#timers.delete(cancel)
      this.run(() => {
        if (!cancelled) work()
      })
    })
    this.#timers.add(cancel)
    return () => {
      cancelled = true
      this.#timers.delete(cancel)
      cancel()
    }
  }

  /** Runs `work` if this life is killed; an order of magnitude cheaper than a listener on {@link signal}. */
  whenKilled(work: () => void): Cancel {
    this.#ends.add(work)
    return () => this.#ends.delete(work)
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve))
  }

  /**
   * Makes a call to the outside and continues with its result: not while the process is frozen, and never after a kill.
   */
  ask<T>(call: () => Promise<T>): Promise<T> {
    const { signal } = this
    return new Promise((resolve, reject) => {
      const unlessKilled = (work: () => void) => {
        if (!signal.aborted) this.run(work)
      }
      this.run(() => {
        call().then(
          (value) => unlessKilled(() => resolve(value)),
          (error: unknown) => unlessKilled(() => reject(error)),
        )
      })
    })
  }

  /** Has the process do `work` for another one, over a connection that takes `ms`. Rejects if it dies. */
  call<T>(work: () => T, ms = 0): Promise<T> {
    return new Promise((resolve, reject) => {
      const refused = () => reject(new Error('connection refused'))
      if (this.#status === 'dead') return refused()
      const forget = this.whenKilled(refused)
      this.after(ms, () => {
        forget()
        try {
          resolve(work())
        } catch (error) {
          reject(error)
        }
      })
    })
  }
}
