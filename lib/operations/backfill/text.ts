import { formatSpan, shortHash } from '../../text/format.ts'
import type { Finding } from './asked-sources.ts'
import type { Gap } from './gaps.ts'
import type { Plan } from './plan.ts'
import { formatRange, type Progress, sizeOf } from './range.ts'
import type { Ran } from './run.ts'

const lacking: Record<Gap['lacks'], string> = {
  block: 'nothing of them is stored',
  state: 'stored, but their state is lost or was never made',
  receipts: 'stored without receipts',
}

/** The plan of a backfill, as text. */
export function renderPlan({ node, head, gaps, range, through, sources }: Plan): string {
  const { latest, anchor, above, below, prunedBelow, lookedFrom } = gaps
  const rows: [string, string][] = [
    ['committed', `block ${head.number} ${shortHash(head.hash)} (term ${head.term})`],
    [node, `block ${anchor.number} ${shortHash(anchor.hash)} with its state`],
  ]
  if (latest.hash !== anchor.hash)
    rows.push(['', `it calls block ${latest.number} ${shortHash(latest.hash)} its newest`])
  for (const gap of above) rows.push(['missing', formatGap(gap)])
  for (const gap of below) {
    rows.push(['below', `${formatGap(gap)}. An engine does not take blocks below its head: restore or sync the node`])
  }
  if (prunedBelow !== undefined) rows.push(['below', `lacks blocks below ${prunedBelow} (history pruned)`])
  if (range) {
    rows.push(['to plug', `${formatRange(range)} (${sizeOf(range)}), oldest first`])
    rows.push(['through', through === 'engine' ? 'its engine API' : 'its op-node (admin_postUnsafePayload)'])
    rows.push(['from', `${sources.names.join(', ')}, in this order`])
  } else {
    rows.push(['missing', `nothing from block ${lookedFrom} on`])
  }
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n')
}

const formatGap = (gap: Gap) => `${formatRange(gap)} (${sizeOf(gap)}): ${lacking[gap.lacks]}`

/** The progress of a backfill, in one line. */
export function renderProgress({ number, done, total, blocksPerSecond, etaMs }: Progress): string {
  const left = etaMs === undefined || done === total ? '' : `, ${formatSpan(etaMs)} left`
  return `block ${number}: ${done} of ${total} plugged, ${Math.round(blocksPerSecond)} blocks/s${left}`
}

/** The result of a backfill, as text. `findings` are sentences. */
export function renderRan({
  outcome,
  blocks,
  ms,
  at,
  given,
  findings,
}: Omit<Ran, 'findings'> & { readonly findings: readonly string[] }): string {
  const from = Object.entries(given).map(([source, count]) => `${source} ${count}`)
  const done = `${blocks} blocks plugged in ${formatSpan(ms)} (${from.join(', ')}); block ${at.number} ${at.hash} is there with its state`
  return [
    outcome === 'nothing-missing' ? 'nothing is missing' : done,
    ...(outcome === 'interrupted' ? ['interrupted: run it again, it resumes there'] : []),
    ...findings,
  ].join('\n')
}

/** A payload's fault, as text. */
export function formatFinding({ kind, place, message, differs = [] }: Finding): string {
  return `${kind}: ${place}: ${message}${differs.length > 0 ? ` (differs in ${differs.join(', ')})` : ''}`
}
