import type { Log } from '../log.ts'
import type { Failing } from '../monitor/run.ts'
import type { Ticked } from '../monitor/tick.ts'
import { mayRepair } from '../operations/crash-recovery/requests.ts'
import { judgeClocks } from '../protocol/clocks.ts'
import type { Decision, View } from '../protocol/decision.ts'
import { recentGrants } from '../protocol/grant.ts'
import { etherOf } from '../protocol/judge-l1.ts'
import { type ChainMetrics, type MetricName, SAFE_LAG_MS } from './metrics.ts'

/** How long turns are collected into one log line. */
const FLUSH_MS = 15_000

/** A single turn may fail on the store. When none succeeds for this long, no other metric reports anything. */
const PAGE_AFTER_MS = 10_000

/** Converts a monitor's turns to metrics. */
export type MonitorMetrics = {
  /** Call on every turn; only the active monitor counts. */
  tick(ticked: Ticked, active: boolean): void
  /** Call when part of a turn fails. */
  failed(): void
  /** Call on every failed turn: when none succeeds, it pages on-call. */
  failing(failing: Failing): void
  flush(): void
}

/** The metrics of one chain's monitor. `owner` is the monitor, whose log lines have it as their request id. */
export function monitorMetrics(metrics: ChainMetrics, owner: string, now: () => number = Date.now): MonitorMetrics {
  let flushedAt = now()
  let failovers = failoverCounter(now())
  const flush = () => {
    flushedAt = now()
    metrics.flush()
  }
  const flushInTime = () => {
    if (now() - flushedAt >= FLUSH_MS) flush()
  }
  return {
    tick({ view, decision }, active) {
      const { made, next } = failovers(view)
      failovers = next
      if (!active) return
      metrics.add('Paging', decision.page.length > 0 ? 1 : 0)
      // Each metric costs by the hour in which it has values: a rare one is written only when it happens.
      if (made > 0) metrics.add('Failovers', made)
      const standbys = decision.verdicts.filter(({ node, eligible }) => eligible && node !== view.head?.leader)
      // Without a head no node can lead: the nodes are not configured yet.
      if (view.head) metrics.add('EligibleStandbys', standbys.length)
      const damaged = decision.verdicts.filter(({ damage }) => damage !== undefined)
      if (damaged.length > 0) metrics.add('DamagedNodes', damaged.length)
      const wanted = decision.verdicts.filter((verdict) => mayRepair(verdict, view.lease, view.now)).length
      if (wanted > 0) metrics.add('RecoveryWanted', wanted)
      for (const { evidence } of judgeClocks(view)) metrics.add('ClockSkew', Number(evidence.skewMs) / 1000)
      for (const [name, value] of gauges(view)) metrics.add(name, value)
      for (const [name, value] of l1Gauges(view, decision)) metrics.add(name, value)
      const number = String(view.head?.number ?? '')
      metrics.note({ ...quietGauges(view), owner, number, term: view.lease?.term ?? 0, condition: decision.condition })
      flushInTime()
    },
    failed() {
      metrics.add('TickErrors', 1)
      flushInTime()
    },
    failing({ since }) {
      // Standbys page too: while the store is unavailable no monitor knows that it is active.
      if (now() - since >= PAGE_AFTER_MS) metrics.add('Paging', 1)
      flushInTime()
    },
    flush,
  }
}

/** Counts each line that a monitor logs as an error: a failed turn or record. */
export function countErrors(log: Log, metrics: MonitorMetrics): Log {
  return {
    ...log,
    error(message, facts) {
      metrics.failed()
      log.error(message, facts)
    },
  }
}

type Gauge = readonly [name: 'SecondsSinceCommit' | 'FlapBudgetLeft' | 'L1HeadAge' | 'SafeLagBlocks', value: number]

/** The gauges of this view; omits unknown values, and those that are far from an alarm. */
function gauges(view: View): Gauge[] {
  const { now, head, lease, policy } = view
  const { l1HeadAge, safeLagBlocks } = quietGauges(view)
  const recent = lease ? recentGrants(lease, now).length : 0
  return [
    ...(head ? [['SecondsSinceCommit', (now - head.committedAt) / 1000] as const] : []),
    ...(policy.budgetPerHour > 0 && recent > 0
      ? [['FlapBudgetLeft', Math.max(0, policy.budgetPerHour - recent)] as const]
      : []),
    ...(l1HeadAge !== undefined && l1HeadAge * 1_000 >= policy.l1FrozenMs / 2
      ? [['L1HeadAge', l1HeadAge] as const]
      : []),
    ...(safeLagBlocks !== undefined && safeLagBlocks * policy.blockTimeMs >= SAFE_LAG_MS / 2
      ? [['SafeLagBlocks', safeLagBlocks] as const]
      : []),
  ]
}

/** How far L1 and the safe head are behind, as the nodes see it: in the log line of each turn. */
function quietGauges({ now, head, observed }: View): { readonly l1HeadAge?: number; readonly safeLagBlocks?: number } {
  const seen = Object.values(observed).flatMap(({ observation: { consensus } }) =>
    consensus.ok ? [consensus.value] : [],
  )
  if (seen.length === 0) return {}
  const l1 = Math.max(...seen.map(({ headL1 }) => Number(headL1.timestamp)))
  const safe = seen.reduce((most, { safe: { number } }) => (number > most ? number : most), 0n)
  return {
    l1HeadAge: Math.round(now / 1000 - l1),
    ...(head && { safeLagBlocks: Math.max(0, Number(head.number - safe)) }),
  }
}

/** The gauges of our own L1 endpoint; omits unknown values. */
function l1Gauges({ l1 }: View, { l1: verdict }: Decision): (readonly [MetricName, number])[] {
  if (!l1 || !verdict) return []
  const { window, drift, batcher, proposer } = verdict
  const posters = [batcher, proposer].filter((poster) => poster !== undefined)
  const runways = posters.flatMap(({ balanceWei, runwayMs }) => (balanceWei === 0n ? 0 : (runwayMs ?? [])))
  const known = (name: MetricName, value: number | undefined) => (value === undefined ? [] : [[name, value] as const])
  return [
    ...known('WindowUsed', window && 100 * window.used),
    ...known('WindowLeft', window && window.leftMs / 1000),
    ...known('DriftUsed', drift && 100 * drift.used),
    ...known('DriftLeft', drift && drift.leftMs / 1000),
    ...known('SinceBatch', batcher?.sinceInclusionMs !== undefined ? batcher.sinceInclusionMs / 1000 : undefined),
    ...known('SinceProposal', proposer?.sinceInclusionMs !== undefined ? proposer.sinceInclusionMs / 1000 : undefined),
    ...known('PosterRunway', runways.length > 0 ? Math.min(...runways) / 1000 : undefined),
    ...known('PosterBalance', posters.length > 0 ? Math.min(...posters.map((p) => etherOf(p.balanceWei))) : undefined),
    ['L1Unwatched', l1.failure ? 1 : 0],
  ]
}

type Counter = (view: View) => { readonly made: number; readonly next: Counter }

/** Counts the automatic grants on the lease that are newer than the newest one counted before. */
function failoverCounter(since: number): Counter {
  return ({ lease }) => {
    const newer = lease?.grants.filter((at) => at > since) ?? []
    return { made: newer.length, next: failoverCounter(Math.max(since, ...newer)) }
  }
}
