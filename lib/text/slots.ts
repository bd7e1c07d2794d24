import type { ListedBlock, Snapshot } from '../context/inspect.ts'

/** Whole slots without a block in a span between two commits. A slightly late block misses none. */
export function missedSlots(spanMs: number, blockTimeMs: number): number {
  return Math.max(0, Math.round(spanMs / blockTimeMs) - 1)
}

/** The slots missed between two blocks; those of blocks that are not listed in between were not missed. */
export function missedBetween(
  before: Pick<ListedBlock, 'number' | 'committedAt'>,
  block: Pick<ListedBlock, 'number' | 'committedAt'>,
  blockTimeMs: number,
): number {
  const unlisted = Math.max(0, Number(block.number - before.number) - 1)
  return Math.max(0, missedSlots(block.committedAt - before.committedAt, blockTimeMs) - unlisted)
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
    const missed = before ? missedBetween(before, block, policy.blockTimeMs) : 0
    return before && missed > 0 ? [{ from: before.committedAt, to: block.committedAt, missed, open: false }] : []
  })
  const newest = blocks[0]
  const late = newest ? missedSlots(now - newest.committedAt - policy.slackMs, policy.blockTimeMs) : 0
  const open = newest && late > 0 ? [{ from: newest.committedAt, to: now, missed: late, open: true }] : []
  return [...open, ...closed].reverse()
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
export type TimedBlock = ListedBlock & { readonly sinceMs?: number; readonly missed: number }

/** The known blocks, newest first, each with the time since its predecessor. */
export function timeBlocks({ blocks, view: { policy } }: Snapshot): readonly TimedBlock[] {
  return blocks.map((block, i) => {
    const before = blocks[i + 1]
    if (!before) return { ...block, missed: 0 }
    const sinceMs = block.committedAt - before.committedAt
    return { ...block, sinceMs, missed: missedBetween(before, block, policy.blockTimeMs) }
  })
}
