import type { HistoryRecord } from '../../protocol/records.ts'
import { formatReason, formatReasons } from '../../text/format.ts'
import { missedSlots } from '../../text/slots.ts'
import type { Flag, Move, MoveStep, StoryBlock } from './story.ts'

/** The blocks around a change of term, oldest first. */
export type Turn = {
  readonly term: number
  readonly before: readonly StoryBlock[]
  readonly after: readonly StoryBlock[]
}

/** What the history does not record: when the leader first looked wrong, and when Baton decided on this term. */
export type Signs = {
  readonly term: number
  readonly firstSign?: { readonly at: number; readonly text: string } | undefined
  readonly decidedAt?: number | undefined
}

/** What is known beside the history. */
export type Seen = {
  readonly blockTimeMs: number
  readonly turns?: readonly Turn[]
  readonly signs?: readonly Signs[]
  /** The newest term that has committed a block. */
  readonly committedTerm?: number | undefined
}

/** Number of moves shown. */
const MOST_MOVES = 20

/**
 * Tells each move of sequencing from the history, oldest first, with what else is known of it. The history has grant,
 * fence and start; the blocks around the move and the first sign of trouble only a process that saw them has.
 */
export function movesOf(
  history: readonly HistoryRecord[],
  { blockTimeMs, turns = [], signs = [], committedTerm = 0 }: Seen,
): Move[] {
  const grants = history.filter(({ what, node }) => what === 'grant' && node !== undefined).slice(0, MOST_MOVES)
  return grants.map((granted) => moveOf(granted)).reverse()

  function moveOf(granted: HistoryRecord): Move {
    const { term, node: to = '', reasons } = granted
    const { before = [], after = [] } = turns.find((turn) => turn.term === term) ?? {}
    const known = signs.find((each) => each.term === term)
    const [last, first] = [before.at(-1), after[0]]
    const steps: MoveStep[] = [
      ...(last
        ? [{ what: 'last-block' as const, at: last.at, text: `last block ${last.number} by ${last.leader}` }]
        : []),
      ...(known?.firstSign ? [{ what: 'first-sign' as const, ...known.firstSign }] : []),
      ...(known?.decidedAt === undefined
        ? []
        : [{ what: 'decision' as const, at: known.decidedAt, text: `decided to move to ${to}` }]),
      { what: 'grant', at: granted.at, text: `term ${term} granted to ${to}` },
      ...stepsOf(term),
      ...(first
        ? [{ what: 'first-block' as const, at: first.at, text: `first block ${first.number} by ${first.leader}` }]
        : []),
    ]
    return {
      kind: kindOf(granted),
      term,
      from: last?.leader ?? leaderBefore(term),
      to,
      why: formatReasons(reasons),
      // Commits are timed by the gate and the rest by the monitor, whose clocks may differ a little.
      steps: steps.toSorted((a, b) => a.at - b.at),
      before: [...before],
      after: [...after],
      done: after.length > 0 || term <= committedTerm,
      ...(last && first && { missed: missedBetween(last, first) }),
    }
  }

  /** Blocks in between that are not known filled their slots. */
  function missedBetween(last: StoryBlock, first: StoryBlock): number {
    const unseen = Math.max(0, first.number - last.number - 1)
    return Math.max(0, missedSlots(first.at - last.at, blockTimeMs) - unseen)
  }

  /** The fence and the first start of a term. */
  function stepsOf(term: number): MoveStep[] {
    const of = (what: string) => history.findLast((record) => record.what === what && record.term === term)
    const [fenced, started] = [of('fence'), of('start')]
    const outcome = started?.reasons.find(({ code }) => code === 'started' || code === 'start-failed')
    const tookMs = Number(outcome?.evidence.ms ?? 0)
    return [
      ...(fenced
        ? [{ what: 'fence' as const, at: fenced.at, text: formatReasons(fenced.reasons) || 'head fenced' }]
        : []),
      ...(started && outcome
        ? [
            {
              what: 'start' as const,
              at: started.at - tookMs,
              until: started.at,
              text: `${started.node ?? ''} ${formatReason(outcome, started.node)}`,
            },
          ]
        : []),
    ]
  }

  /** Who led before this term, as far as the history goes. */
  function leaderBefore(term: number): string {
    const earlier = history.find((record) => record.what === 'fence' && record.term < term)
    return earlier?.node ?? ''
  }
}

function kindOf({ term, reasons }: HistoryRecord): Move['kind'] {
  if (reasons.some(({ code }) => code === 'switchover')) return 'switchover'
  return term === 1 ? 'first' : 'failover'
}

/** Records without a flag: steps of a move, and what happens all the time. */
const PLAIN = new Set([
  'fence',
  'start',
  'renew',
  'seed',
  'seed-lease',
  'top-up',
  'stop',
  'follow-head',
  'reset-derivation',
])

/** The moments of the history worth finding on a timeline, oldest first. */
export function flagsOf(history: readonly HistoryRecord[]): Flag[] {
  return history
    .filter(({ what, actor }) => actor.kind === 'operator' || !PLAIN.has(what))
    .map(({ at, what, actor, node, reasons }) => {
      const kind = what === 'grant' ? 'move' : what === 'page' ? 'page' : 'act'
      const who = actor.kind === 'operator' ? ` by ${actor.name}` : ''
      const why = formatReasons(reasons, node)
      return {
        at,
        kind: kind as Flag['kind'],
        text: `${what}${node === undefined ? '' : ` ${node}`}${who}${why === '' ? '' : `: ${why}`}`.slice(0, 300),
      }
    })
    .reverse()
}
