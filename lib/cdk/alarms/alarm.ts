import type { MetricName, refusals } from '../../lambda/metrics.ts'

/** How soon somebody must look. `page`: now, at night too. `ticket`: on the next working day. `note`: nothing to do. */
export type Severity = 'page' | 'ticket' | 'note'

/** What the thresholds of a chain's alarms follow from. */
export type ChainPace = {
  readonly blockTimeMs: number
  readonly l1FrozenMs: number
  readonly stallMs: number
  readonly verifyMs: number
}

/** Where the runbooks are unless the configuration names another place: the mail of an alarm must lead there. */
export const DEFAULT_RUNBOOK = 'https://github.com/baton-conductor/baton/blob/main/docs/runbooks.md'

/** What people read: in the alarm's description, and in its section of the runbooks. */
export type AlarmText = {
  /** The alarm's id, and the anchor of its section in docs/runbooks.md. */
  readonly id: string
  readonly severity: Severity
  readonly meaning: string
  readonly firstAction: string
}

/** One alarm of every chain, as data. */
export type ChainAlarm = AlarmText & {
  readonly metric: MetricName
  /** Of `CommitRefused`: which refusals. */
  readonly reason?: (typeof refusals)[number]
  readonly statistic: 'Maximum' | 'Minimum' | 'Sum' | 'p99'
  readonly compare: '>' | '>=' | '<'
  readonly threshold: (pace: ChainPace) => number
  /** Minutes that must breach, out of how many; default 1 of 1. */
  readonly minutes?: readonly [breaching: number, of: number]
  /**
   * Only for chains whose configuration has this, and for a gate in Lambda: one beside the nodes writes no metrics. An
   * alarm that cannot go off costs as much as one that can.
   */
  readonly needs?: 'l1' | 'gate'
  /**
   * What silence means; default: nothing, since `monitor-not-ticking` tells of it. `breaching`: a minute without a value
   * counts as 0, at once.
   */
  readonly silence?: 'breaching' | 'fine'
}

/** The description of an alarm: all that the person reads whom it woke up. */
export function describeAlarm({ id, severity, meaning, firstAction }: AlarmText, runbook: string): string {
  return `${severity.toUpperCase()}. ${meaning}\nFirst: ${firstAction}\nRunbook: ${runbook}#${id}`
}
