import type { Ticked } from '../monitor/tick.ts'
import type { BoostHealth } from '../protocol/builder.ts'
import { judgeClocks } from '../protocol/clocks.ts'
import type { Condition, Role, View } from '../protocol/decision.ts'
import { recentGrants } from '../protocol/grant.ts'
import type { PosterVerdict } from '../protocol/l1.ts'
import type { Mode } from '../protocol/records.ts'
import type { GaugeName, GaugeValue, LabelsOf } from './catalog.ts'

const conditions: readonly Condition[] = ['ok', 'degraded', 'moving', 'halted', 'observing']
const healths: readonly BoostHealth[] = ['healthy', 'partial', 'unhealthy', 'down']
const modes: readonly Mode[] = ['auto', 'paused', 'hold']
const roles = ['leading', 'starting', 'failing', 'standby', 'unfit', 'fenced', 'outside', 'down'] satisfies Role[]

/** The gauges of the chain, its nodes and L1 at `now` (Unix ms), from the last turn. Leaves out what is unknown. */
export function gaugesOf({ view, decision }: Ticked, now: number): readonly GaugeValue[] {
  const { condition, page } = decision
  return [
    ...conditions.map((each) => gauge('baton_condition', { condition: each }, Number(each === condition))),
    ...page.map(({ code, node = '' }) => gauge('baton_page', { code, node }, 1)),
    ...recordGauges(view, now),
    ...nodeGauges({ view, decision }),
    ...builderGauges(view, now),
    ...l1Gauges({ view, decision }, now),
    ...judgeClocks(view).map(({ code, node = '', evidence }) =>
      gauge('baton_clock_skew_seconds', { clock: code, node }, Number(evidence.skewMs) / 1_000),
    ),
  ]
}

function gauge<N extends GaugeName>(name: N, labels: LabelsOf<N>, value: number): GaugeValue {
  return { name, labels, value } as GaugeValue
}

/** A gauge without a value for an unknown one. */
const known = <N extends GaugeName>(name: N, labels: LabelsOf<N>, value: number | undefined): GaugeValue[] =>
  value === undefined ? [] : [gauge(name, labels, value)]

function recordGauges({ head, lease, policy }: View, now: number): readonly GaugeValue[] {
  return [
    ...(head
      ? [
          gauge('baton_term', {}, head.term),
          gauge('baton_head_block', {}, Number(head.number)),
          gauge('baton_since_commit_seconds', {}, Math.max(0, now - head.committedAt) / 1_000),
        ]
      : []),
    ...(lease ? modes.map((mode) => gauge('baton_mode', { mode }, Number(mode === lease.mode))) : []),
    ...(lease && policy.budgetPerHour > 0
      ? [gauge('baton_flap_budget_left', {}, Math.max(0, policy.budgetPerHour - recentGrants(lease, now).length))]
      : []),
  ]
}

function nodeGauges({ view: { head, observed }, decision: { verdicts } }: Ticked): readonly GaugeValue[] {
  const standbys = verdicts.filter(({ node, eligible }) => eligible && node !== head?.leader)
  const each = verdicts.flatMap(({ node, role, eligible, lag, reasons }): GaugeValue[] => {
    const consensus = observed[node]?.observation.consensus
    const seen = consensus?.ok ? consensus.value : undefined
    const block = (at: { readonly number: bigint } | undefined) => (at ? Number(at.number) : undefined)
    return [
      ...(head ? [gauge('baton_node_leader', { node }, Number(head.leader === node))] : []),
      ...roles.map((one) => gauge('baton_node_role', { node, role: one }, Number(one === role))),
      gauge('baton_node_eligible', { node }, Number(eligible)),
      ...[...new Set(reasons.map(({ code }) => code))].map((code) => gauge('baton_node_reason', { node, code }, 1)),
      ...known('baton_node_sequencing', { node }, seen && Number(seen.sequencing)),
      ...known('baton_node_lag_blocks', { node }, lag === undefined ? undefined : Number(lag)),
      ...known('baton_node_unsafe_block', { node }, block(seen?.unsafe)),
      ...known('baton_node_safe_block', { node }, block(seen?.safe)),
      ...known('baton_node_finalized_block', { node }, block(seen?.finalized)),
      ...known('baton_node_peers', { node }, seen?.peers),
    ]
  })
  return [...(head ? [gauge('baton_eligible_standbys', {}, standbys.length)] : []), ...each]
}

function builderGauges({ builders = {} }: View, now: number): readonly GaugeValue[] {
  return Object.entries(builders).flatMap(([node, { boost, stream }]): GaugeValue[] => [
    ...(boost
      ? healths.map((health) => gauge('baton_boost_health', { node, health }, Number(health === boost.health)))
      : []),
    ...known('baton_flashblocks_open', { node }, stream && Number(stream.open)),
    ...known('baton_flashblocks_age_seconds', { node }, stream?.heardAt && Math.max(0, now - stream.heardAt) / 1_000),
  ])
}

function l1Gauges({ view: { head, observed }, decision: { l1 } }: Ticked, now: number): readonly GaugeValue[] {
  const seen = Object.values(observed).flatMap(({ observation: { consensus } }) =>
    consensus.ok ? [consensus.value] : [],
  )
  const newest = Math.max(...seen.map(({ headL1 }) => Number(headL1.timestamp)))
  const safe = seen.reduce((most, { safe: { number } }) => (number > most ? number : most), 0n)
  return [
    ...(seen.length > 0 ? [gauge('baton_l1_head_age_seconds', {}, Math.max(0, now / 1_000 - newest))] : []),
    ...(seen.length > 0 && head ? [gauge('baton_safe_lag_blocks', {}, Math.max(0, Number(head.number - safe)))] : []),
    ...known('baton_window_left_seconds', {}, seconds(l1?.window?.leftMs)),
    ...known('baton_drift_left_seconds', {}, seconds(l1?.drift?.leftMs)),
    ...posterGauges('batcher', l1?.batcher),
    ...posterGauges('proposer', l1?.proposer),
  ]
}

function posterGauges(poster: 'batcher' | 'proposer', verdict: PosterVerdict | undefined): readonly GaugeValue[] {
  if (!verdict) return []
  const { balanceWei, runwayMs, sinceInclusionMs } = verdict
  return [
    ...known('baton_poster_runway_seconds', { poster }, balanceWei === 0n ? 0 : seconds(runwayMs)),
    ...known('baton_since_inclusion_seconds', { poster }, seconds(sinceInclusionMs)),
  ]
}

const seconds = (ms: number | undefined) => (ms === undefined ? undefined : ms / 1_000)
