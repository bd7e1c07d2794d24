import type { Log } from '../log.ts'
import type { CommitOutcome } from '../protocol/commit.ts'
import { StoreUnavailableError } from '../store/errors.ts'
import type { HeadStore, ObjectStore } from '../store/stores.ts'
import { withTimeout } from '../with-timeout.ts'
import type { Caller, FindSecrets } from './auth.ts'
import type { Checked } from './envelope.ts'

/** What the gate works with. */
export type GateContext = {
  readonly heads: HeadStore
  /** Where payloads go that are too large for the head item. */
  readonly objects: ObjectStore
  readonly findSecrets: FindSecrets
  /** Unix time in ms; evidence in the records only, no rule reads it. */
  readonly now: () => number
  readonly log: Log
  readonly metrics: GateMetrics
  /** The chain whose head `/readyz` reads: one that is served, since a gate may have no right to other keys. */
  readonly readyChain: string
  /** What `/healthz` tells. */
  readonly version: string
  /** How long the store may take for one call, in ms. */
  readonly budgetMs: number
  /** The largest body that is read, in bytes. */
  readonly maxBodyBytes: number
  /** Bounds what repeats in the log. */
  readonly series: LogSeries
}

/** op-node allows 1 s for both tries of a commit, 50 ms apart. */
export const DEFAULT_BUDGET_MS = 400

/** 5 MB of transactions are 10 MB of JSON; no block of today's rollups is twice that. */
export const DEFAULT_MAX_BODY_BYTES = 24 * 1024 * 1024

/**
 * Gives work with the store a hard end in ms.
 *
 * @throws StoreUnavailableError when the time is over; what the work itself throws passes.
 */
export async function within<T>(
  ms: number,
  operation: string,
  chain: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await withTimeout(ms, work)
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === 'TimeoutError'
    throw isLate ? new StoreUnavailableError(operation, chain, error) : error
  }
}

/** How often a series may write to the log, in ms: its first line at once, then one line with a count. */
const PERIOD_MS = 60_000

/** So many series are told apart; what is beyond them shares one. Who sends made-up paths must not fill the log. */
const MOST_SERIES = 20

/** What went on in a series since its last line. */
export type Repeated = {
  /** How many times. */
  readonly count: number
  /** Unix time in ms of the first and the last of them. */
  readonly first: number
  readonly last: number
}

/** Calls `tell` with `undefined` for the first event of a series, and later once a period with what came since. */
export type LogSeries = (series: string, tell: (repeated: Repeated | undefined) => void) => void

type Running = { count: number; first: number; last: number; tell: (repeated: Repeated) => void }

/**
 * Bounds what a series of equal events writes to the log, however many there are: its first event as it is, then
 * a line a minute with how many more there were, from when to when. A minute without any ends the series.
 */
export function logSeries(now: () => number = Date.now, periodMs = PERIOD_MS): LogSeries {
  const running = new Map<string, Running>()

  const endPeriod = (series: string) => {
    const one = running.get(series)
    if (!one || one.count === 0) return void running.delete(series)
    const { count, first, last, tell } = one
    one.count = 0
    after(series)
    tell({ count, first, last })
  }
  // Whoever wants to end must not wait for the next line of a log.
  const after = (series: string) => setTimeout(() => endPeriod(series), periodMs).unref()

  return (named, tell) => {
    const series = running.has(named) || running.size < MOST_SERIES ? named : 'others'
    const at = now()
    const one = running.get(series)
    if (!one) {
      running.set(series, { count: 0, first: at, last: at, tell })
      after(series)
      return tell(undefined)
    }
    if (one.count === 0) one.first = at
    Object.assign(one, { count: one.count + 1, last: at, tell })
  }
}

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
