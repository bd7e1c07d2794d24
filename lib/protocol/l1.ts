import type { L1Block, L2Block } from './observation.ts'
import type { Reason } from './reason.ts'

/** What the rollup allows its L1 side, from `optimism_rollupConfig` and the chain's configuration. */
export type L1Limits = {
  /** L1 blocks within which a batch must be included (`seq_window_size`). */
  readonly window: bigint
  /** How far an L2 block's timestamp may be ahead of its L1 origin's (s). */
  readonly maxDriftS: number
  /** Time between two L1 blocks (ms). Missed L1 slots only lengthen what is left. */
  readonly slotMs: number
}

/** An account that pays for L1 transactions: the batcher or the proposer. */
export type Poster = {
  readonly address: string
  readonly balanceWei: bigint
  /** What it paid within the last `spanMs`; absent when the endpoint keeps no older state. */
  readonly spent?: { readonly wei: bigint; readonly spanMs: number }
  /**
   * Its newest transaction in a block (of the batcher: to the inbox). `atLeast`: the block is the oldest
   * one looked at, and there was none since.
   */
  readonly included?: L1Block & { readonly atLeast: boolean }
}

/** A block of the rollup, as far as its place in L1 is concerned. `timestamp` in seconds. */
export type Tip = Pick<L2Block, 'number' | 'timestamp' | 'l1Origin'>

/** One look at L1 itself, by an endpoint that none of the nodes uses. */
export type L1Sample = {
  /** When it ended (Unix ms). */
  readonly at: number
  readonly head: L1Block
  /** The L2 block it was asked about, and what L1 has where that block says its origin is. */
  readonly tip?: { readonly block: Tip; readonly origin: L1Block | null }
  readonly batcher?: Poster
  readonly proposer?: Poster
}

/** What is known of L1. */
export type L1View = {
  readonly limits: L1Limits
  /** The newest look that succeeded. */
  readonly sample?: L1Sample
  /** Since when looks fail (Unix ms), and how. */
  readonly failure?: { readonly since: number; readonly message: string }
}

/** Something that runs out: what is left (ms, negative = over), and the share used so far. */
export type TimeRemaining = { readonly leftMs: number; readonly used: number }

/** How an account that pays for L1 transactions is doing. */
export type PosterVerdict = {
  readonly address: string
  readonly balanceWei: bigint
  /** Time its balance lasts at the pace it was spent lately; absent = it spent nothing, or not known. */
  readonly runwayMs?: number
  readonly sinceInclusionMs?: number
}

/** Whether the chain reaches L1, and how long it can go on if it does not. */
export type L1Verdict = {
  /** Committed blocks that L1 does not have yet. */
  readonly safeLag?: bigint
  /** Until blocks that are not on L1 are replaced by what L1 derives without them. */
  readonly window?: TimeRemaining
  /** Until the sequencer may build no more blocks on its L1 origin. */
  readonly drift?: TimeRemaining
  readonly batcher?: PosterVerdict
  readonly proposer?: PosterVerdict
  /** What is worth telling, gravest first. */
  readonly reasons: readonly Reason[]
  /** What a person must be woken for. */
  readonly page: readonly Reason[]
}
