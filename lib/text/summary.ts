import type { Snapshot } from '../context/inspect.ts'
import type { Condition } from '../protocol/decision.ts'
import { etherOf } from '../protocol/judge-l1.ts'
import type { PosterVerdict, TimeRemaining } from '../protocol/l1.ts'
import { printable } from '../protocol/printable.ts'
import { renderReason } from '../protocol/reason.ts'
import { formatAgo, formatReason, formatReasons, formatSpan, soften } from './format.ts'
import { missedSlots, slots } from './slots.ts'

/** The answer to "who sequences, why, since when". */
export type Summary = {
  readonly condition: Condition
  /** Who sequences, or what is wrong: `seq-a sequences`. */
  readonly headline: string
  /** The leader, where the headline does not name it. */
  readonly leader?: string
  /** When the leader's term began (Unix ms). */
  readonly since?: number
  readonly term?: number
  /** One sentence without its full stop. */
  readonly why: string
  /** From which node the leader took over when (Unix ms), and how many slots that cost, where that is known. */
  readonly tookOver?: { readonly from: string; readonly at: number; readonly missed?: number }
}

/** Summarizes the chain's condition in one sentence. What a person must do is in the decision's page reasons. */
export function summarize(snapshot: Snapshot): Summary {
  const { view, decision } = snapshot
  const { head, lease, now } = view
  const { condition } = decision
  const because = decision.reasons[0] ?? decision.sharedCause ?? decision.page[0]
  const trouble = because ? formatReason(because) : 'no reason was given'
  if (!head) return { condition, headline: 'No node sequences through Baton', why: trouble }

  const since = lease?.term === head.term ? lease.grantedAt : head.fencedAt
  const held = { condition, term: head.term, ...(head.leader === '' ? {} : { since }) }
  const leader = head.leader === '' ? 'No node' : head.leader
  switch (condition) {
    case 'ok':
    case 'degraded':
      return { ...held, headline: `${leader} sequences`, why: formatCause(snapshot), ...tookOver(snapshot) }
    case 'halted':
      return { ...held, headline: `No blocks for ${formatSpan(now - head.committedAt)}`, leader, why: trouble }
    case 'moving': {
      const granted = decision.commands.find((command) => command.act === 'grant')
      const from = granted ? head.leader : (lease?.previousLeader ?? '')
      const to = granted ? granted.grant.to : (lease?.leader ?? head.leader)
      const headline =
        from === '' || from === to ? `${to} is taking over` : `Sequencing is moving from ${from} to ${to}`
      return { ...held, headline, why: (granted && formatReasons(granted.reasons)) || formatCause(snapshot) }
    }
    case 'observing':
      return {
        ...held,
        headline: head.leader === '' ? 'Baton observes' : `${leader} sequences, Baton observes`,
        why: trouble,
      }
  }
}

/** Which node led before, unless it was the same or none. */
function tookOver({ blocks, view: { head, lease, policy } }: Snapshot): Pick<Summary, 'tookOver'> {
  if (!head || !lease || lease.term !== head.term || lease.cause.code === 'bootstrap') return {}
  const { previousLeader: from, leader, grantedAt: at } = lease
  if (from === '' || from === leader) return {}
  const i = blocks.findLastIndex(({ term }) => term === lease.term)
  const [first, last] = [blocks[i], blocks[i + 1]]
  const missed = first && last && missedSlots(first.committedAt - last.committedAt, policy.blockTimeMs)
  return { tookOver: { from, at, ...(missed !== undefined && { missed }) } }
}

/** `took over from ada 11 s ago, 0 slots missed`; `undefined` where the leader took over from no other. */
export function formatTookOver({ tookOver: came }: Summary, now: number): string | undefined {
  if (!came) return undefined
  const cost = came.missed === undefined ? '' : `, ${slots(came.missed)} missed`
  return `took over from ${came.from} ${formatAgo(came.at, now)}${cost}`
}

/** Why the current term was granted, from its record when that is at hand. */
function formatCause({ view: { lease }, history }: Snapshot): string {
  if (!lease) return 'its lease is not known'
  if (lease.cause.code === 'bootstrap') return 'the first leader of this chain'
  const record = history.find(
    ({ what, term, reasons }) => what === 'grant' && term === lease.term && reasons.length > 0,
  )
  if (record) return formatReasons(record.reasons, record.node)
  const { code, by } = lease.cause
  const text = renderReason({ code, evidence: code === 'operator' ? { message: by } : { by } })
  return text.includes('?') ? code.replaceAll('-', ' ') : soften(text)
}

/** The whole summary as one sentence, for a terminal. */
export function formatSummary({ headline, leader, since, term, why }: Summary, now: number): string {
  const span = since === undefined ? undefined : `for ${formatSpan(now - since)}`
  const holds = leader && `${leader} ${span === undefined ? 'holds the term' : `has held the term ${span}`}`
  const facts = [holds ?? span, term === undefined ? undefined : `term ${term}`].filter((fact) => fact !== undefined)
  return `${headline}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}: ${why}.`
}

/** What the mode means, and who set it when. */
export function formatMode({ view: { lease, now, head } }: Snapshot): string {
  if (!lease) return 'no lease yet'
  const who = `${lease.modeBy}, ${formatAgo(lease.modeAt, now)}`
  if (lease.mode === 'paused') return `paused by ${who}: Baton observes and moves nothing`
  if (lease.mode === 'hold') return `hold: pinned to ${head?.leader || lease.leader} by ${who}`
  return `auto (${who})`
}

/** Whether Baton acts by itself yet. */
export function formatArming({ view: { lease, now } }: Snapshot): string {
  if (!lease) return 'observing: no lease yet'
  return lease.armedAt === 0 ? 'observing: no commit has arrived yet' : `armed ${formatAgo(lease.armedAt, now)}`
}

/** Whether the chain reaches L1, as pairs of a name and a sentence; none when L1 is not observed. */
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

/** What is wrong with L1 or with the chain's data there, as sentences. */
export function formatL1Worries({ decision: { l1 } }: Snapshot): readonly string[] {
  return l1?.reasons.map((reason) => formatReason(reason)) ?? []
}

function formatLeft({ leftMs, used }: TimeRemaining): string {
  const share = `${Math.max(0, Math.round(used * 100))} % used`
  return leftMs > 0 ? `${formatSpan(leftMs)} left, ${share}` : `ended ${formatSpan(leftMs)} ago`
}

function formatPoster({ balanceWei, runwayMs, sinceInclusionMs }: PosterVerdict): string {
  const parts = [
    `${etherOf(balanceWei)} ETH`,
    ...(runwayMs === undefined ? [] : [`enough for ${formatSpan(runwayMs)}`]),
    ...(sinceInclusionMs === undefined ? [] : [`last in L1 ${formatSpan(sinceInclusionMs)} ago`]),
  ]
  return parts.join(', ')
}

/** The versions of one kind of client: one sentence if all agree, else who differs. */
export type Versions = {
  readonly client: 'consensus' | 'execution'
  readonly sentence: string
  readonly skewed: boolean
}

/** The versions that the nodes' clients report; a client without a report is left out. */
export function formatVersions({ view: { observed, nodes } }: Snapshot): readonly Versions[] {
  return (['consensus', 'execution'] as const).flatMap((client) => {
    const byVersion = new Map<string, string[]>()
    for (const { name } of nodes) {
      const answer = observed[name]?.observation[client]
      if (!answer?.ok || answer.value.version === undefined) continue
      byVersion.set(answer.value.version, [...(byVersion.get(answer.value.version) ?? []), name])
    }
    if (byVersion.size === 0) return []
    const skewed = byVersion.size > 1
    const groups = [...byVersion].map(([version, names]) => (skewed ? `${names.join(', ')}: ${version}` : version))
    return [{ client, sentence: printable(groups.join('; ')), skewed }]
  })
}
