import type { CommittedBlock, Snapshot } from '../context/inspect.ts'

/** Whole slots without a block in a span between two commits. A slightly late block misses none. */
export function missedSlots(spanMs: number, blockTimeMs: number): number {
  return Math.max(0, Math.round(spanMs / blockTimeMs) - 1)
}

/** `1 slot`, `2 slots`. */
export function slots(count: number): string {
  return `${count} ${count === 1 ? 'slot' : 'slots'}`
}

/** A time without commits that cost at least one slot. Times in Unix ms. */
export type Gap = {
  readonly from: number
  readonly to: number
  readonly missed: number
  /** No block has ended the gap yet. */
  readonly open: boolean
}

/** The gaps between the known commits, oldest first; the last one may be open until `now`. */
export function findGaps({ blocks, view: { now, policy } }: Snapshot): readonly Gap[] {
  const closed = blocks.flatMap((block, i) => {
    const before = blocks[i + 1]
    return before ? measure(before.committedAt, block.committedAt, false) : []
  })
  const newest = blocks[0]
  return [...(newest ? measure(newest.committedAt, now, true) : []), ...closed].reverse()

  function measure(from: number, to: number, open: boolean): readonly Gap[] {
    const missed = missedSlots(open ? to - from - policy.slackMs : to - from, policy.blockTimeMs)
    return missed > 0 ? [{ from, to, missed, open }] : []
  }
}

/**
 * The part of the gaps that lies in a window (Unix ms), each with the slots missed in it: a block's slot ends with its
 * commit, so a missed slot is where a block would have ended it.
 */
export function clipGaps(gaps: readonly Gap[], from: number, blockTimeMs: number): readonly Gap[] {
  return gaps.flatMap((gap) => {
    const before = Math.max(0, Math.floor((from - gap.from) / blockTimeMs))
    const missed = gap.missed - Math.min(gap.missed, before)
    return missed > 0 && gap.to > from ? [{ ...gap, from: Math.max(gap.from, from), missed }] : []
  })
}

/** A block with the time since the commit before it; absent for the oldest one known. */
export type TimedBlock = CommittedBlock & { readonly sinceMs?: number; readonly missed: number }

/** The known blocks, newest first, each with the time since its predecessor. */
export function timeBlocks({ blocks, view: { policy } }: Snapshot): readonly TimedBlock[] {
  return blocks.map((block, i) => {
    const before = blocks[i + 1]
    if (!before) return { ...block, missed: 0 }
    const sinceMs = block.committedAt - before.committedAt
    return { ...block, sinceMs, missed: missedSlots(sinceMs, policy.blockTimeMs) }
  })
}
