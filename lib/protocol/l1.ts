import type { L1Block, L2Block } from './observation.ts'
import type { Reason } from './reason.ts'

/** The rollup's limits on L1, from `optimism_rollupConfig` and the chain's configuration. */
export type L1Limits = {
  /** L1 blocks within which a batch must be included (`seq_window_size`). */
  readonly window: bigint
  /** How far an L2 block's timestamp may be ahead of its L1 origin's (s). */
  readonly maxDriftS: number
  /** Time between two L1 blocks (ms). Missed L1 slots only lengthen the remaining time. */
  readonly slotMs: number
}

/** An account that pays for L1 transactions: the batcher or the proposer. */
export type Poster = {
  readonly address: string
  readonly balanceWei: bigint
  /** What it paid within the last `spanMs`; absent when the endpoint keeps no older state. */
  readonly spent?: { readonly wei: bigint; readonly spanMs: number }
  /**
   * Its newest transaction in a block (for the batcher: to the inbox). `atLeast`: the block is the oldest one searched,
   * and it sent none since.
   */
  readonly included?: L1Block & { readonly atLeast: boolean }
}

/** A block of the rollup and its place in L1. `timestamp` in seconds. */
export type Tip = Pick<L2Block, 'number' | 'timestamp' | 'l1Origin'>

/** One observation of L1 itself, through an endpoint that none of the nodes uses. */
export type L1Sample = {
  /** When it ended (Unix ms). */
  readonly at: number
  readonly head: L1Block
  /** The L2 block asked about, and the block L1 has at that block's origin. */
  readonly tip?: { readonly block: Tip; readonly origin: L1Block | null }
  readonly batcher?: Poster
  readonly proposer?: Poster
}

/** What is known of L1. */
export type L1View = {
  readonly limits: L1Limits
  /** The newest successful observation. */
  readonly sample?: L1Sample
  /** Since when observations fail (Unix ms), and how. */
  readonly failure?: { readonly since: number; readonly message: string }
}

/** A limit that runs out: the time remaining (ms, negative = over), and the share used so far. */
export type TimeRemaining = { readonly leftMs: number; readonly used: number }

/** How an account that pays for L1 transactions is doing. */
export type PosterVerdict = {
  readonly address: string
  readonly balanceWei: bigint
  /** Time its balance lasts at the recent rate of spending; absent = it spent nothing, or unknown. */
  readonly runwayMs?: number
  readonly sinceInclusionMs?: number
}

/** Whether the chain reaches L1, and how long it can continue if it does not. */
export type L1Verdict = {
  /** Committed blocks that L1 does not have yet. */
  readonly safeLag?: bigint
  /** Until L1 replaces blocks it does not have by what it derives without them. */
  readonly window?: TimeRemaining
  /** Until the sequencer may build no more blocks on its L1 origin. */
  readonly drift?: TimeRemaining
  readonly batcher?: PosterVerdict
  readonly proposer?: PosterVerdict
  /** What to report, gravest first. */
  readonly reasons: readonly Reason[]
  /** What to page a person for. */
  readonly page: readonly Reason[]
}
