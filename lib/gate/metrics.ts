import type { CommitOutcome } from '../protocol/commit.ts'
import type { Checked } from './envelope.ts'
import type { Caller } from './route.ts'

/** Where the time of one commit went, in ms, and how large its envelope was as JSON. */
export type CommitTimings = {
  /** Reading JSON and checking the envelope. */
  readonly parseMs: number
  readonly packMs: number
  /** Writing the object of a payload too large for the head item; about 0 for others. */
  readonly spillMs: number
  /** The conditional write. */
  readonly writeMs: number
  readonly bytes: number
  /** Whether its content was proved to be its hash before the commit; if not, why not. */
  readonly checked: Checked
}

/** What a commit came to; `failed`: the store did not answer, so it may have been written or not. */
export type CommitResult = CommitOutcome['outcome'] | 'failed'

/** Where the gate counts. None of these may throw. */
export type GateMetrics = {
  /** Each commit of a well-formed block. */
  commit(caller: Caller, result: CommitResult, timings: CommitTimings): void
  /** Each call of an authenticated node: `ok`, or the code of the error. */
  call(caller: Caller, method: string, result: string): void
}

/** Metrics nobody looks at. */
export const silentMetrics: GateMetrics = { commit: () => {}, call: () => {} }
