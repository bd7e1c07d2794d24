import type { Stage, StageOptions } from './stage.ts'

/** A public outage, as far as its owners told of it. */
export type Outage = {
  /** When it began, as it is known: `2025-08-05`, or less exact. */
  readonly date: string
  readonly chain: string
  /** How long, in words. */
  readonly lasted: string
  /** What happened then. */
  readonly happened: string
  /** Where this is told. */
  readonly source: string
}

/** Says whether something that must be true is, and what was seen. */
export type Check = (must: string, holds: boolean, seen?: unknown) => void

/** One outage as a game day: the same cause on a simulated chain, with Baton in charge. */
export type Drill = {
  /** A letter for the kind of cause and a number: A hand-over, B L1, C batches, D bad blocks, E control and load. */
  readonly id: string
  /** What it is called on the command line. */
  readonly name: string
  readonly outage: Outage
  readonly given: string
  readonly when: string
  /** What must come of it. */
  readonly must: string
  readonly stage?: StageOptions
  /** What of the outage is not Baton's to see or to do, if anything. */
  readonly beyond?: string
  /** Brings the cause about and checks what came of it, by observation. */
  readonly play: (stage: Stage, check: Check) => Promise<void>
}
