import { type BlockId, isNoBlock } from './block.ts'
import type { View } from './decision.ts'
import type { L1Limits, L1Verdict, L1View, Poster, PosterVerdict, TimeRemaining } from './l1.ts'
import type { L2Block } from './observation.ts'
import { type Reason, reason } from './reason.ts'
import { answering, hasHappened, highestPossible, witnessed } from './witnesses.ts'

const HOUR_MS = 3_600_000
/** Shares of the window and of the drift from which on Baton reports, and pages. */
export const REPORT_AT = 0.25
export const PAGE_AT = 0.5
/** A balance that lasts less long than this is reported, and paged for. */
export const RUNWAY_REPORT_MS = 24 * HOUR_MS
export const RUNWAY_PAGE_MS = 6 * HOUR_MS

/** L1 slots after which a safe block should be final: Ethereum needs 64 to 96, and op-node a batch more. */
const FINAL_SLOTS = 225

/** Judges the observations of L1; `undefined` when L1 is not observed. */
export function judgeL1(view: View): L1Verdict | undefined {
  const { l1, head, now } = view
  if (!l1) return undefined
  const { sample } = l1
  const safe = highestSafe(view)
  const safeLag = head && safe && (head.number > safe.number ? head.number - safe.number : 0n)
  const window = safe && windowLeft(safe, l1HeadNow(view), l1.limits)
  const drift = driftLeft(view)
  const batcher = sample?.batcher && judgePoster(sample.batcher, now)
  const proposer = sample?.proposer && judgePoster(sample.proposer, now)
  const found: Found[] = [
    ...(window && safe && safeLag !== 0n ? windowReasons(window, safe, batcher) : []),
    ...(drift ? driftReasons(drift) : []),
    ...finalityReasons(view, l1.limits),
    ...(batcher ? posterReasons('batcher', batcher) : []),
    ...(proposer ? posterReasons('proposer', proposer) : []),
    ...(l1.failure ? [l1RpcDown(l1.failure, sample?.at, now)] : []),
  ]
  return {
    ...(safeLag !== undefined && { safeLag }),
    ...(window && { window }),
    ...(drift && { drift }),
    ...(batcher && { batcher }),
    ...(proposer && { proposer }),
    reasons: found.map(({ reason }) => reason),
    page: found.filter(({ page }) => page).map(({ reason }) => reason),
  }
}

type Found = { readonly reason: Reason; readonly page: boolean }

/**
 * The highest safe block that more than one node reports, within what the time allows: what L1 is known to have.
 * Zeros = not loaded yet.
 */
export const highestSafe = (view: View): L2Block | undefined => highest(view, 'safe')

function highest(view: View, label: 'safe' | 'finalized'): L2Block | undefined {
  const most = highestPossible(view)
  const named = answering(view)
    .filter(({ at }) => at[label].number <= at.unsafe.number && (most === undefined || at[label].number <= most))
    .map(({ at }) => at[label])
  return witnessed(named.filter(({ hash }) => !isNoBlock(hash)))
}

/** L1 makes at most one block a slot. This margin covers observations from different moments. */
const MARGIN_SLOTS = 3n

/**
 * The number of L1's head now. Our own endpoint bounds the numbers that nodes name. While it fails, the clock extends
 * its last number: too high rather than too low.
 */
function l1HeadNow(view: View): bigint | undefined {
  const { l1, now } = view
  const sample = l1?.sample
  const passed = sample ? BigInt(Math.max(0, Math.floor((now - sample.at) / l1.limits.slotMs))) : 0n
  const own = sample && sample.head.number + (l1.failure ? passed : 0n)
  const most = sample && sample.head.number + passed + MARGIN_SLOTS
  const named = answering(view)
    .map(({ at }) => at.headL1)
    .filter((head) => hasHappened(head, now) && (most === undefined || head.number <= most))
  const theirs = witnessed(named)?.number
  return own === undefined || (theirs !== undefined && theirs > own) ? theirs : own
}

/**
 * A batch for the epoch after the safe block's must be in an L1 block of number `origin + window - 1` at the latest.
 * That is one earlier than the rule demands, since the next block may still be of the same epoch.
 */
export function windowLeft(safe: { l1Origin: BlockId }, l1Head: bigint | undefined, limits: L1Limits) {
  if (l1Head === undefined) return undefined
  const passed = l1Head - safe.l1Origin.number
  const left = limits.window - 1n - passed
  return { leftMs: Number(left) * limits.slotMs, used: Number(passed) / Number(limits.window) }
}

/** How long block building can continue if the L1 origin never advances again. */
export function driftLeft({ l1, head, policy }: View): TimeRemaining | undefined {
  const tip = l1?.sample?.tip
  if (!l1 || !tip?.origin) return undefined
  // The newest block still has the observed origin, or was itself observed together with its origin.
  const same = head?.l1Origin?.hash === tip.block.l1Origin.hash && head.number > tip.block.number
  const newest = same ? head.timestamp : tip.block.timestamp
  const aheadS = Number(newest - tip.origin.timestamp) + policy.blockTimeMs / 1000
  const { maxDriftS } = l1.limits
  return { leftMs: Math.round((maxDriftS - aheadS) * 1000), used: aheadS / maxDriftS }
}

/** Finality is up to L1, and Baton cannot repair it: report it, without a page. */
function finalityReasons(view: View, { slotMs }: L1Limits): Found[] {
  const [safe, final] = [highest(view, 'safe'), highest(view, 'finalized')]
  if (!safe || !final) return []
  const behindMs = Number(safe.timestamp - final.timestamp) * 1000
  if (behindMs <= FINAL_SLOTS * slotMs) return []
  return [{ reason: reason('finality-behind', { number: String(final.number), behindMs }), page: false }]
}

function judgePoster({ address, balanceWei, spent, included }: Poster, now: number): PosterVerdict {
  const pace = spent && spent.wei > 0n ? Number(spent.wei) / spent.spanMs : undefined
  return {
    address,
    balanceWei,
    ...(pace !== undefined && { runwayMs: Math.round(Number(balanceWei) / pace) }),
    ...(included && { sinceInclusionMs: Math.max(0, now - Number(included.timestamp) * 1000) }),
  }
}

function windowReasons({ leftMs, used }: TimeRemaining, safe: L2Block, batcher: PosterVerdict | undefined): Found[] {
  if (used < REPORT_AT) return []
  const evidence = { usedPercent: Math.round(used * 100), safe: String(safe.number), hash: safe.hash }
  const closing =
    leftMs > 0
      ? reason('window-closing', { leftMs, ...evidence })
      : reason('window-over', { overMs: -leftMs, ...evidence })
  const sinceMs = batcher?.sinceInclusionMs
  const silent = sinceMs !== undefined && reason('batcher-silent', { address: batcher?.address ?? '', ageMs: sinceMs })
  return [{ reason: closing, page: used >= PAGE_AT }, ...(silent ? [{ reason: silent, page: used >= PAGE_AT }] : [])]
}

function driftReasons({ leftMs, used }: TimeRemaining): Found[] {
  if (used < REPORT_AT) return []
  const usedPercent = Math.round(used * 100)
  const closing =
    leftMs > 0 ? reason('drift-closing', { leftMs, usedPercent }) : reason('drift-over', { overMs: -leftMs })
  return [{ reason: closing, page: used >= PAGE_AT }]
}

function posterReasons(who: 'batcher' | 'proposer', { address, balanceWei, runwayMs }: PosterVerdict): Found[] {
  if (balanceWei === 0n) return [{ reason: reason('poster-empty', { who, address }), page: true }]
  if (runwayMs === undefined || runwayMs >= RUNWAY_REPORT_MS) return []
  const closing = reason('poster-poor', { who, address, leftMs: runwayMs, balanceEth: etherOf(balanceWei) })
  return [{ reason: closing, page: runwayMs < RUNWAY_PAGE_MS }]
}

function l1RpcDown(
  { since, message }: NonNullable<L1View['failure']>,
  sampledAt: number | undefined,
  now: number,
): Found {
  return { reason: reason('l1-rpc-down', { message, ageMs: now - (sampledAt ?? since) }), page: false }
}

/** Wei as ether with four decimals, for people and graphs. */
export const etherOf = (wei: bigint): number => Number(wei / 10n ** 14n) / 10_000
