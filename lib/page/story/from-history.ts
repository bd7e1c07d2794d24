import type { ListedBlock, Snapshot } from '../../context/inspect.ts'
import type { ListedCommits } from '../../context/list-commits.ts'
import { addBlock, noCommits, openGap, storyBlock, turnsOf, unseenOf } from './commits.ts'
import { flagsOf, movesOf } from './moves.ts'
import { DAY_MS, type Story } from './story.ts'

/**
 * The last day as far as the records have it: who led from which fence to which, moves and acts; and of the commits that
 * are listed, what was missed. Measured values are not in them. For a reader that saw no block itself, such as the
 * console's widget.
 */
export function storyOfHistory({ chain, view, history }: Snapshot, commits?: ListedCommits): Story {
  const { head, now, nodes, policy } = view
  const { blockTimeMs, slackMs } = policy
  const from = now - DAY_MS
  const led = stretchesOf(history, now)
  const known = commits && commitsOf(commits, blockTimeMs)
  const gapsSince = commits?.newest.at(-1)?.committedAt ?? now
  return {
    version: 1,
    chain,
    now,
    since: Math.max(from, Math.min(led[0]?.from ?? now, head?.fencedAt ?? now)),
    blockTimeMs,
    nodes: nodes.map(({ name }) => name),
    stretches: led.filter(({ to }) => to > from),
    ...(known && { gaps: [...known.gaps, ...openGap(known, now, blockTimeMs, slackMs)], gapsSince }),
    unseen: known ? unseenOf(known, blockTimeMs) : [],
    flags: flagsOf(history.filter(({ at }) => at >= from)),
    moves: movesOf(
      history.filter(({ at }) => at >= from),
      {
        blockTimeMs,
        committedTerm: head?.committedTerm,
        ...(known && { turns: turnsOf(known, view.lease) }),
      },
    ),
    plots: [],
  }
}

/** Who led from which fence to which, the oldest first, as the history (newest first) has it. */
export function stretchesOf(history: Snapshot['history'], now: number): Story['stretches'] {
  const fences = history.filter(({ what }) => what === 'fence').toReversed()
  return fences
    .map(({ node = '', term, at }, i) => ({ leader: node, term, from: at, to: fences[i + 1]?.at ?? now }))
    .filter(({ leader }) => leader !== '')
}

/** What the listed blocks show: of each row of blocks without a hole, for between two of them nothing is known. */
function commitsOf({ newest, around }: ListedCommits, blockTimeMs: number) {
  const earlier = rowsOf(around.toReversed())
  const recent = newest.toReversed()
  // A move may lie between the oldest of the newest blocks and the block before it.
  const touches = earlier.at(-1)?.at(-1)?.number === (recent[0]?.number ?? 0n) - 1n
  const rows = [
    ...(touches ? earlier.slice(0, -1) : earlier),
    [...(touches ? (earlier.at(-1) ?? []) : []), ...recent],
  ].map((blocks) => {
    const kept = noCommits(0)
    for (const block of blocks) addBlock(kept, storyBlock(block), blockTimeMs)
    return kept
  })
  return {
    gaps: rows.flatMap(({ gaps }) => gaps),
    turns: rows.flatMap(({ turns }) => turns),
    holes: rows.at(-1)?.holes ?? [],
    newest: rows.at(-1)?.newest ?? [],
  }
}

/** Blocks, the lowest first, as rows of successive numbers. */
function rowsOf(blocks: readonly ListedBlock[]): ListedBlock[][] {
  const rows: ListedBlock[][] = []
  for (const block of blocks) {
    const row = rows.at(-1)
    if (row && row.at(-1)?.number === block.number - 1n) row.push(block)
    else rows.push([block])
  }
  return rows
}
