import type { MetricName, refusals } from '../../cloudwatch/metrics.ts'

/**
 * How soon on-call must respond. `page`: now, at night too. `ticket`: on the next working day. `note`: nothing to do.
 */
export type Severity = 'page' | 'ticket' | 'note'

/** The inputs of a chain's alarm thresholds. */
export type ChainPace = {
  readonly blockTimeMs: number
  readonly l1FrozenMs: number
  readonly stallMs: number
  readonly verifyMs: number
}

/** Where a description of an alarm leads. */
export type AlarmLinks = {
  /** The URL of the runbooks. */
  readonly runbook: string
  /** The URL of the dashboard; absent without one. */
  readonly dashboard?: string | undefined
}

/** The text of an alarm: its description and its section of the runbooks. */
export type AlarmText = {
  /** The alarm's id, and the anchor of its section in docs/runbooks.md. */
  readonly id: string
  readonly severity: Severity
  readonly meaning: string
  readonly firstAction: string
  /** The first action where the monitor runs on hosts, if it is another one. */
  readonly onHosts?: string
}

/** The text where the monitor runs on hosts. */
export function onHosts<T extends AlarmText>(text: T): T {
  return { ...text, firstAction: text.onHosts ?? text.firstAction }
}

/** One alarm of every chain, as data. */
export type ChainAlarm = AlarmText & {
  readonly metric: MetricName
  /** For `CommitRefused`: the reason of the refusal. */
  readonly reason?: (typeof refusals)[number]
  readonly statistic: 'Maximum' | 'Minimum' | 'Sum' | 'SampleCount' | 'p99'
  readonly compare: '>' | '>=' | '<'
  readonly threshold: (pace: ChainPace) => number
  /** Minutes that must breach, and out of how many; default 1 of 1. */
  readonly minutes?: readonly [breaching: number, of: number]
  /**
   * Raise the alarm only for chains that configure L1; for a gate in Lambda, since one beside the nodes writes no
   * metrics; or for chains with a second node. An alarm that cannot fire costs as much as one that can, and one that
   * always fires says nothing.
   */
  readonly needs?: 'l1' | 'gate' | 'standby'
  /**
   * What missing data means; default: nothing, since `monitor-not-ticking` covers it. `breaching`: a minute without a
   * value counts as 0, at once.
   */
  readonly silence?: 'breaching' | 'fine'
}

/** The description of an alarm: the only text in the page to on-call. */
export function describeAlarm(
  { id, severity, meaning, firstAction }: AlarmText,
  { runbook, dashboard }: AlarmLinks,
): string {
  const page = dashboard === undefined ? '' : `\nDashboard: ${dashboard}`
  return `${severity.toUpperCase()}. ${meaning}\nFirst: ${firstAction}${page}\nRunbook: ${runbook}#${id}`
}
