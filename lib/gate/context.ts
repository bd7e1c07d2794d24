import type { Log } from '../log.ts'
import type { CommitOutcome } from '../protocol/commit.ts'
import { StoreUnavailableError } from '../store/errors.ts'
import type { HeadStore, ObjectStore } from '../store/stores.ts'
import { withTimeout } from '../with-timeout.ts'
import type { Caller, FindRoleSecrets, FindSecrets } from './auth.ts'
import type { Desk } from './desk.ts'
import type { Checked } from './envelope.ts'

/** The dependencies and limits of a gate. */
export type GateContext = {
  readonly heads: HeadStore
  /** Stores payloads too large for the head item. */
  readonly objects: ObjectStore
  /** The largest payload of a chain that goes into the head item rather than into an object. */
  readonly inlineBytes: (chain: string) => number
  readonly findSecrets: FindSecrets
  /** The secrets of people and programs; absent = only nodes call. */
  readonly findRoleSecrets?: FindRoleSecrets
  /** Answers the rest of op-conductor's methods; absent = the gate has the commit path alone. */
  readonly desk?: Desk
  /** The chain that `/` is about; absent = there is nothing at `/`. */
  readonly rootChain?: string
  /** Whether blocks are committed here; default true. */
  readonly commits?: boolean
  /** Unix time in ms. Recorded as evidence only; no rule reads it. */
  readonly now: () => number
  readonly log: Log
  readonly metrics: GateMetrics
  /** The chain whose head `/readyz` reads. The gate must serve it: it may lack the right to read other keys. */
  readonly readyChain: string
  /** The version that `/healthz` reports. */
  readonly version: string
  /** Timeout of one store call, in ms. */
  readonly budgetMs: number
  /** Timeout of a commit that writes an object first, in ms. */
  readonly spillBudgetMs: number
  /** The largest accepted body, in bytes. */
  readonly maxBodyBytes: number
  /** Rate-limits repeated log lines. */
  readonly series: LogSeries
}

/** op-node allows 1 s for both attempts of a commit, 50 ms apart. */
export const DEFAULT_BUDGET_MS = 400

/**
 * Nearly all of op-node's 1 s: an object store may take as long as that, and a try that is given up half way only
 * begins again. What is left is the way through the API. A repeat finds the object of the try before.
 */
export const DEFAULT_SPILL_BUDGET_MS = 850

/** 5 MB of transactions make 10 MB of JSON; no rollup today has blocks twice that size. */
export const DEFAULT_MAX_BODY_BYTES = 24 * 1024 * 1024

/**
 * Runs store work with a hard deadline, in ms.
 *
 * @throws StoreUnavailableError at the deadline. Errors of the work itself pass through.
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

/** Log period of a series, in ms: its first line appears at once, then one line with a count per period. */
const PERIOD_MS = 60_000

/** The most series tracked separately; the rest share one. Requests for made-up paths must not flood the log. */
const MOST_SERIES = 20

/** Events of a series since its last log line. */
export type Repeated = {
  readonly count: number
  /** Unix time in ms of the first and the last event. */
  readonly first: number
  readonly last: number
}

/** Calls `report` with `undefined` for the first event of a series, then once per period with the events since. */
export type LogSeries = (series: string, report: (repeated: Repeated | undefined) => void) => void

type Running = { count: number; first: number; last: number; report: (repeated: Repeated) => void }

/**
 * Rate-limits a series of equal events: logs the first at once, then one line a minute with the number of further
 * events and their time range. A minute without events ends the series.
 */
export function logSeries(now: () => number = Date.now, periodMs = PERIOD_MS): LogSeries {
  const running = new Map<string, Running>()

  const endPeriod = (series: string) => {
    const one = running.get(series)
    if (!one || one.count === 0) return void running.delete(series)
    const { count, first, last, report } = one
    one.count = 0
    after(series)
    report({ count, first, last })
  }
  // A pending log line must not keep the process alive.
  const after = (series: string) => setTimeout(() => endPeriod(series), periodMs).unref()

  return (named, report) => {
    const series = running.has(named) || running.size < MOST_SERIES ? named : 'others'
    const at = now()
    const one = running.get(series)
    if (!one) {
      running.set(series, { count: 0, first: at, last: at, report })
      after(series)
      return report(undefined)
    }
    if (one.count === 0) one.first = at
    Object.assign(one, { count: one.count + 1, last: at, report })
  }
}

/** The timings of one commit in ms, and the size of its envelope as JSON. */
export type CommitTimings = {
  /** Parsing the JSON and checking the envelope. */
  readonly parseMs: number
  readonly packMs: number
  /** Writing the object for a payload too large for the head item; otherwise about 0. */
  readonly spillMs: number
  /** The conditional write. */
  readonly writeMs: number
  readonly bytes: number
  /** Whether the content was proved against its hash before the commit; if not, why not. */
  readonly checked: Checked
}

/** The outcome of a commit. `failed`: the store did not answer, so the write may or may not have been applied. */
export type CommitResult = CommitOutcome['outcome'] | 'failed'

/** The metrics of a gate. No method may throw. */
export type GateMetrics = {
  /** Counts a commit of a well-formed block. */
  commit(caller: Caller, result: CommitResult, timings: CommitTimings): void
  /** Counts a call of an authenticated node: `ok`, or the code of the error. */
  call(caller: Caller, method: string, result: string): void
}

/** Discards all metrics. */
export const silentMetrics: GateMetrics = { commit: () => {}, call: () => {} }
