import type { Log } from '../log.ts'
import type { HeadStore, ObjectStore } from '../store/stores.ts'
import type { FindSecrets } from './auth.ts'
import type { LogSeries } from './log-series.ts'
import type { GateMetrics } from './metrics.ts'

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
