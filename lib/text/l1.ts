import type { Snapshot } from '../context/inspect.ts'
import { etherOf } from '../protocol/judge-l1.ts'
import type { PosterVerdict, TimeRemaining } from '../protocol/l1.ts'
import { formatReason } from './reason.ts'
import { formatSpan } from './time.ts'

/** Whether the chain reaches L1, as pairs of a name and a sentence; none when L1 is not looked at. */
export function formatL1({ decision: { l1 } }: Snapshot): readonly (readonly [name: string, sentence: string])[] {
  if (!l1) return []
  const { safeLag, window, drift, batcher, proposer } = l1
  const facts: (readonly [string, string | undefined])[] = [
    ['Not on L1', safeLag === undefined ? undefined : `${safeLag} blocks`],
    ['Batch window', window && formatLeft(window)],
    ['Drift', drift && formatLeft(drift)],
    ['Batcher', batcher && formatPoster(batcher)],
    ['Proposer', proposer && formatPoster(proposer)],
  ]
  return facts.flatMap(([name, sentence]) => (sentence === undefined ? [] : [[name, sentence] as const]))
}

/** What is wrong with L1 or with what goes there, as sentences. */
export function formatL1Worries({ decision: { l1 } }: Snapshot): readonly string[] {
  return l1?.reasons.map((reason) => formatReason(reason)) ?? []
}

function formatLeft({ leftMs, used }: TimeRemaining): string {
  const share = `${Math.max(0, Math.round(used * 100))} % used`
  return leftMs > 0 ? `${formatSpan(leftMs)} left, ${share}` : `over since ${formatSpan(leftMs)}`
}

function formatPoster({ balanceWei, runwayMs, sinceInclusionMs }: PosterVerdict): string {
  const parts = [
    `${etherOf(balanceWei)} ETH`,
    ...(runwayMs === undefined ? [] : [`enough for ${formatSpan(runwayMs)}`]),
    ...(sinceInclusionMs === undefined ? [] : [`last in L1 ${formatSpan(sinceInclusionMs)} ago`]),
  ]
  return parts.join(', ')
}
