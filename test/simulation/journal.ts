import { EPOCH, type Scheduler } from './scheduler.ts'

/** An invariant of the design by its number, or one of the additional rules by its name. */
export type Invariant = 1 | 2 | 3 | 4 | 5 | 6 | 'linear' | 'operator' | 'crash'

/** What must never happen, and did. */
export type Violation = { readonly invariant: Invariant; readonly message: string; readonly at: number }

/** One line of a timeline. */
export type Line = { readonly at: number; readonly actor: string; readonly what: string }

/** What happened in one history: its violation, the states it reached, a digest, and (on demand) a timeline. */
export class Journal {
  readonly #scheduler: Scheduler
  readonly #keep: boolean
  readonly lines: Line[] = []
  readonly reached = new Map<string, number>()
  violation: Violation | undefined
  #digest = 0x811c9dc5

  constructor(scheduler: Scheduler, keep: boolean) {
    this.#scheduler = scheduler
    this.#keep = keep
  }

  /** ms since the history began. */
  now(): number {
    return this.#scheduler.now() - EPOCH
  }

  note(actor: string, what: () => string): void {
    this.mix(actor, this.now())
    if (this.#keep) this.lines.push({ at: this.now(), actor, what: what() })
  }

  reach(state: string): void {
    this.reached.set(state, (this.reached.get(state) ?? 0) + 1)
  }

  /** The first violation ends the history. */
  violate(invariant: Invariant, message: string): void {
    if (this.violation) return
    this.violation = { invariant, message, at: this.now() }
    this.note('REFEREE', () => `invariant ${invariant} is broken: ${message}`)
    this.#scheduler.halt()
  }

  /** Two runs of one seed must end with the same digest. */
  get digest(): number {
    return this.#digest >>> 0
  }

  mix(text: string, number: number): void {
    let hash = Math.imul(this.#digest ^ number, 0x01000193)
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
    this.#digest = hash
  }
}
