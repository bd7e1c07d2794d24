import type { Snapshot } from '../context/inspect.ts'
import { printable } from '../protocol/printable.ts'
import type { ReasonCode } from '../protocol/reason.ts'
import { doThis, formatDoThis } from '../text/do-this.ts'
import { explain } from '../text/explain.ts'
import { formatAgo, formatReason, formatSpan, formatUtc, shortHash } from '../text/format.ts'
import { gatherNodes, type NodeRow } from '../text/nodes.ts'
import { formatPreconfirmations } from '../text/preconfirmations.ts'
import { type ShownState, stateNames, stateOf } from '../text/state.ts'
import {
  formatArming,
  formatL1,
  formatL1Worries,
  formatMode,
  formatSummary,
  formatVersions,
  summarize,
} from '../text/summary.ts'
import type { Paint, Tone } from './paint.ts'
import { renderTable } from './render-table.ts'
import { wrap } from './wrap.ts'

const tones: Record<ShownState, Tone> = {
  ok: 'good',
  degraded: 'warn',
  moving: 'move',
  halted: 'bad',
  observing: 'quiet',
  paused: 'warn',
  held: 'warn',
}

/**
 * Reasons that the table of nodes already shows. It does not show that a standby catches up or differs from the leader.
 */
const IN_TABLE = new Set<ReasonCode>(['eligible', 'committing', 'starting'])

/**
 * The chain at a glance: one line of summary, the table of nodes, and what else must be known. `width`: of the
 * terminal, in characters.
 */
export function renderStatus(snapshot: Snapshot, paint: Paint, width = Number.POSITIVE_INFINITY): string {
  const { chain, view, decision } = snapshot
  const summary = summarize(snapshot)
  const state = stateOf(snapshot)
  const title = `${paint('bold', printable(chain.name))} (chain ${chain.id}) ${paint(tones[state], stateNames[state])}`
  const table = renderNodeTable(gatherNodes(snapshot), paint, width)
  const page = decision.page.map((reason) => paint('bad', `Needs a person: ${formatReason(reason)}`))
  const steps = doThis(snapshot).map((one) => `${paint('bold', 'Do this:')} ${formatDoThis(one)}`)
  const above = [title, formatSummary(summary, view.now), ...page, ...steps].map((line) => wrap(line, width, '  '))
  return [...above, table, ...renderFooter(snapshot, paint, width)].join('\n')
}

function renderFooter(snapshot: Snapshot, paint: Paint, terminal: number): string[] {
  const { view, decision, monitor, history } = snapshot
  const { head, lease, now } = view
  const { acts, because, idle } = explain(snapshot)
  const last = history[0]
  const mode = formatMode(snapshot)
  const lines: (readonly [string, string])[] = [
    ['Mode', lease && lease.mode !== 'auto' ? paint('warn', mode) : mode],
    ['Baton', formatArming(snapshot)],
    ['Head', head ? `${head.number} ${head.hash}, ${formatAgo(head.committedAt, now)}` : 'none yet'],
    ['Term', head ? `${head.term}, lease ${lease ? formatLease(lease.expiresAt, now) : 'unknown'}` : 'none yet'],
    [
      'Monitor',
      monitor ? formatMonitor(monitor, now, paint) : paint('warn', 'no monitor has ever run; failover is disabled'),
    ],
    ['Decision', `${acts.map(({ act }) => act).join(', ') || idle}: ${because.join('; ')}`],
  ]
  const l1 = formatL1(snapshot).map(([name, sentence]) => `${name.toLowerCase()} ${sentence}`)
  if (l1.length > 0) lines.push(['L1', l1.join('; ')])
  const flashblocks = formatPreconfirmations(snapshot)
  if (flashblocks !== undefined) lines.push(['Flashblocks', flashblocks])
  for (const { client, sentence, skewed } of formatVersions(snapshot)) {
    if (skewed) lines.push([`Mixed ${client}`, paint('warn', sentence)])
  }
  for (const worry of formatL1Worries(snapshot)) lines.push(['L1 warning', paint('warn', worry)])
  if (last)
    lines.push([
      'Last act',
      `${last.what}${last.node ? ` ${last.node}` : ''} by ${last.actor.name}, ${formatAgo(last.at, now)}`,
    ])
  if (decision.sharedCause)
    lines.push(['Shared cause', paint('warn', `${formatReason(decision.sharedCause)}; Baton moves nothing`)])
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
    const texts = reasons.filter(({ code }) => !IN_TABLE.has(code)).map((reason) => formatReason(reason, node))
    if (texts.length > 0) lines.push([node, texts.join('; ')])
  }
  const width = Math.max(...lines.map(([label]) => label.length)) + 2
  return lines.map(([label, value]) => {
    const text = wrap(value, terminal - width).replaceAll('\n', `\n${' '.repeat(width)}`)
    return `${paint('quiet', `${label}:`.padEnd(width))}${text}`
  })
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
    ? paint('warn', `no active monitor for ${formatSpan(now - until)} (${owner})`)
    : `${owner}, took over ${formatAgo(since, now)}`
}

type Column = { readonly name: string; readonly cell: (row: NodeRow, paint: Paint) => string }

const roleTones: Record<NodeRow['role'], Tone | undefined> = {
  leading: 'good',
  starting: 'move',
  failing: 'bad',
  down: 'bad',
  fenced: 'bad',
  outside: undefined,
  unfit: 'warn',
  standby: undefined,
  unseen: 'quiet',
}

const columns: readonly Column[] = [
  { name: 'Node', cell: ({ name }) => name },
  { name: 'Zone', cell: ({ zone }) => zone },
  { name: 'Role', cell: formatRole },
  { name: 'Sequencing', cell: ({ sequencing }) => (sequencing === undefined ? '' : sequencing ? 'yes' : 'no') },
  { name: 'Term#', cell: ({ term }) => text(term) },
  { name: 'Unsafe#', cell: formatUnsafe },
  { name: 'Hash', cell: formatHash },
  { name: 'Execution#', cell: formatExecution },
  { name: 'Lag#', cell: ({ lag }) => text(lag) },
  { name: 'Safe#', cell: ({ safe }) => text(safe) },
  { name: 'Finalized#', cell: ({ finalized }) => text(finalized) },
  { name: 'L1 age#', cell: ({ l1AgeMs }) => (l1AgeMs === undefined ? '' : formatSpan(l1AgeMs)) },
  { name: 'Peers#', cell: ({ peers }) => text(peers) },
  { name: 'Prio#', cell: ({ noFailover, priority }) => (noFailover ? 'never' : String(priority)) },
  { name: 'Fit', cell: formatFitness },
]

/** Columns that a narrow terminal drops, in this order. */
const expendable = ['Finalized#', 'Zone', 'Prio#', 'Peers#', 'Safe#', 'L1 age#', 'Execution#', 'Term#']

/** The table of nodes, at most `width` characters wide; drops columns that do not fit. */
function renderNodeTable(rows: readonly NodeRow[], paint: Paint, width: number): string {
  for (let dropped = 0; ; dropped++) {
    const out = expendable.slice(0, dropped)
    const kept = columns.filter(({ name }) => !out.includes(name))
    const table = renderTable(
      kept.map(({ name }) => name),
      rows.map((row) => kept.map(({ cell }) => cell(row, paint))),
    )
    if (table.indexOf('\n') <= width || dropped === expendable.length) return table
  }
}

function formatRole({ role }: NodeRow, paint: Paint): string {
  const tone = roleTones[role]
  const word = `${role === 'leading' ? '* ' : ''}${role}`
  return tone ? paint(tone, word) : word
}

function formatUnsafe({ consensusFailure, unsafe }: NodeRow, paint: Paint): string {
  return consensusFailure ? paint('bad', consensusFailure) : text(unsafe?.number)
}

function formatHash({ unsafe, fork }: NodeRow, paint: Paint): string {
  const hash = unsafe ? shortHash(unsafe.hash) : ''
  return fork ? paint('bad', `${hash} ⚠`) : hash
}

function formatExecution({ executionFailure, latest }: NodeRow, paint: Paint): string {
  return executionFailure ? paint('bad', executionFailure) : text(latest?.number)
}

function formatFitness({ term, eligible }: NodeRow, paint: Paint): string {
  if (term !== undefined) return 'leader'
  return eligible ? paint('good', 'yes') : paint('warn', 'no')
}

function text(value: bigint | number | undefined): string {
  return value === undefined ? '' : String(value)
}
