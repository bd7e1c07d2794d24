import type { Snapshot } from '../../context/inspect.ts'
import { DAY_MS, type Story } from './story.ts'
import { tellFlags, tellMoves } from './tell-moves.ts'

/**
 * The last day as far as the records tell it: who led from which fence to which, moves and acts. Missed slots and
 * measured values are not in them. For a reader that saw no block itself, such as the console's widget.
 */
export function storyOfHistory({ chain, view, history }: Snapshot): Story {
  const { head, now, nodes, policy } = view
  const from = now - DAY_MS
  const fences = history.filter(({ what }) => what === 'fence').toReversed()
  const oldest = history.at(-1)?.at ?? now
  return {
    version: 1,
    chain,
    now,
    since: Math.max(from, Math.min(oldest, head?.fencedAt ?? now)),
    blockTimeMs: policy.blockTimeMs,
    nodes: nodes.map(({ name }) => name),
    stretches: fences
      .map(({ node = '', term, at }, i) => ({ leader: node, term, from: at, to: fences[i + 1]?.at ?? now }))
      .filter(({ leader, to }) => leader !== '' && to > from),
    flags: tellFlags(history.filter(({ at }) => at >= from)),
    moves: tellMoves(
      history.filter(({ at }) => at >= from),
      { blockTimeMs: policy.blockTimeMs, committedTerm: head?.committedTerm },
    ),
    plots: [],
  }
}
