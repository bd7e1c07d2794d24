import type { Snapshot } from '../context/inspect.ts'
import type { Condition } from '../protocol/decision.ts'
import { printable } from '../protocol/printable.ts'
import type { ReasonCode } from '../protocol/reason.ts'
import { explain } from '../text/explain.ts'
import { formatL1, formatL1Worries } from '../text/l1.ts'
import { gatherNodes } from '../text/nodes.ts'
import { formatReason } from '../text/reason.ts'
import { formatArming, formatMode, formatSummary, summarize } from '../text/summary.ts'
import { formatAgo, formatUtc } from '../text/time.ts'
import { formatVersions } from '../text/versions.ts'
import { renderNodeTable } from './node-table.ts'
import type { Paint, Tone } from './paint.ts'

const tones: Record<Condition, Tone> = {
  ok: 'good',
  degraded: 'warn',
  moving: 'move',
  halted: 'bad',
  observing: 'quiet',
}

/** What the table of nodes tells as well; that a standby catches up, or differs from the leader, it does not. */
const IN_TABLE = new Set<ReasonCode>(['eligible', 'committing', 'starting'])

/**
 * The chain at a glance: one line of summary, the table of nodes, and what else must be known.
 * `width`: of the terminal, in characters.
 */
export function renderStatus(snapshot: Snapshot, paint: Paint, width = Number.POSITIVE_INFINITY): string {
  const { chain, view, decision } = snapshot
  const summary = summarize(snapshot)
  const title = `${paint('bold', printable(chain.name))} (chain ${chain.id}) ${paint(tones[summary.condition], summary.condition.toUpperCase())}`
  const table = renderNodeTable(gatherNodes(snapshot), paint, width)
  const page = decision.page.map((reason) => paint('bad', `Needs a person: ${formatReason(reason)}`))
  return [title, formatSummary(summary, view.now), table, ...page, ...renderFooter(snapshot, paint)].join('\n')
}

function renderFooter(snapshot: Snapshot, paint: Paint): string[] {
  const { view, decision, monitor, history } = snapshot
  const { head, lease, now } = view
  const { acts, because } = explain(snapshot)
  const last = history[0]
  const mode = formatMode(snapshot)
  const lines: (readonly [string, string])[] = [
    ['Mode', lease && lease.mode !== 'auto' ? paint('warn', mode) : mode],
    ['Baton', formatArming(snapshot)],
    ['Head', head ? `${head.number} ${head.hash}, ${formatAgo(head.committedAt, now)}` : 'none yet'],
    ['Term', head ? `${head.term}, lease ${lease ? formatLease(lease.expiresAt, now) : 'unknown'}` : 'none yet'],
    ['Monitor', monitor ? formatMonitor(monitor, now, paint) : paint('warn', 'none ever ran: nothing would be moved')],
    ['Decision', `${acts.map(({ act }) => act).join(', ') || 'nothing to do'}: ${because.join('; ')}`],
  ]
  const l1 = formatL1(snapshot).map(([name, sentence]) => `${name.toLowerCase()} ${sentence}`)
  if (l1.length > 0) lines.push(['L1', l1.join('; ')])
  for (const { client, sentence, skewed } of formatVersions(snapshot)) {
    if (skewed) lines.push([`Mixed ${client}`, paint('warn', sentence)])
  }
  for (const worry of formatL1Worries(snapshot)) lines.push(['L1 worry', paint('warn', worry)])
  if (last)
    lines.push([
      'Last act',
      `${last.what}${last.node ? ` ${last.node}` : ''} by ${last.actor.name}, ${formatAgo(last.at, now)}`,
    ])
  if (decision.sharedCause)
    lines.push(['Shared cause', paint('warn', `${formatReason(decision.sharedCause)}; nothing is moved`)])
  if (view.gate && !view.gate.ok) lines.push(['Gate', paint('bad', `does not answer: ${printable(view.gate.message)}`)])
  if (lease?.switchover) {
    const { to, by, notBefore, force } = lease.switchover
    const when = notBefore > now ? `at ${formatUtc(notBefore)} (${formatAgo(notBefore, now)})` : 'as soon as possible'
    lines.push([
      'Switchover',
      paint('warn', `to ${to ?? 'the best standby'} ${when}, asked for by ${by}${force ? ', forced' : ''}`),
    ])
  }
  for (const { node, reasons } of decision.verdicts) {
    const told = reasons.filter(({ code }) => !IN_TABLE.has(code)).map((reason) => formatReason(reason, node))
    if (told.length > 0) lines.push([node, told.join('; ')])
  }
  const width = Math.max(...lines.map(([label]) => label.length)) + 2
  return lines.map(([label, value]) => `${paint('quiet', `${label}:`.padEnd(width))}${value}`)
}

function formatLease(expiresAt: number, now: number): string {
  return `${expiresAt < now ? 'expired' : 'ends'} ${formatAgo(expiresAt, now)}`
}

function formatMonitor(
  { owner, since, until }: { owner: string; since: number; until: number },
  now: number,
  paint: Paint,
): string {
  return until < now
    ? paint('warn', `none active since ${formatAgo(until, now)} (${owner})`)
    : `${owner}, since ${formatAgo(since, now)}`
}
