import { resourcesOf } from './app.ts'
import { plain } from './resolve.ts'

/**
 * CloudWatch's own rules for when an alarm goes off, as its user guide has them ("Configuring how CloudWatch alarms
 * treat missing data", "Using metric math"): https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 *
 * - It fetches more data points than the alarm has periods: the evaluation range. How many is not promised; the guide's
 *   examples have five for three periods, so it is taken for two more.
 * - Of these the newest real ones count. Only when there are fewer than periods, the rest is filled in as the alarm
 *   treats missing data. So one on a metric that fell silent goes off when its whole range is empty.
 * - FILL puts a value into every empty minute before that, so that nothing is missing.
 *
 * Only whole minutes are evaluated. CloudWatch may look at the minute under way too, and be sooner.
 */
const BEYOND = 2
const MINUTE = 60_000

/** A value of a metric of the chain: when it was measured, and when CloudWatch has it (Unix ms). */
export type Point = { readonly metric: string; readonly at: number; readonly arrives?: number; readonly value: number }

/** An alarm of a template, as CloudWatch knows it. */
export type Alarm = {
  readonly id: string
  readonly page: boolean
  readonly metric: string
  readonly statistic: string
  readonly fill: number | undefined
  readonly threshold: number
  readonly comparison: string
  readonly periods: number
  readonly toAlarm: number
  readonly missing: string
}

type State = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'

/** The alarms of a template on metrics of Baton without a reason, all of one minute. */
export function alarmsOf(template: Parameters<typeof resourcesOf>[0]): Alarm[] {
  return resourcesOf(template, 'AWS::CloudWatch::Alarm').flatMap(([, { Properties: alarm }]) => {
    const queries = (alarm.Metrics ?? []) as Record<string, never>[]
    const math = queries.find(({ Expression }) => Expression !== undefined)
    const stat = queries.find(({ MetricStat }) => MetricStat !== undefined)?.MetricStat as
      | { Metric: Record<string, unknown>; Stat: string }
      | undefined
    const source = stat ? { ...stat.Metric, Statistic: stat.Stat } : alarm
    if (source.Namespace !== 'Baton' || (source.Dimensions as unknown[]).length !== 2) return []
    const filled = math && /^FILL\((\w+), ?(-?\d+)\)$/.exec(String(math.Expression))
    if (math && !filled) throw new Error(`this evaluator does not know ${String(math.Expression)}`)
    const text = String(plain(alarm.AlarmDescription))
    return {
      id: /#([\w-]+)$/.exec(text)?.[1] ?? '',
      page: text.startsWith('PAGE'),
      metric: String(source.MetricName),
      statistic: String(source.Statistic ?? source.ExtendedStatistic),
      fill: filled ? Number(filled[2]) : undefined,
      threshold: Number(alarm.Threshold),
      comparison: String(alarm.ComparisonOperator),
      periods: Number(alarm.EvaluationPeriods),
      toAlarm: Number(alarm.DatapointsToAlarm ?? alarm.EvaluationPeriods),
      missing: String(alarm.TreatMissingData ?? 'missing'),
    }
  })
}

/** The state of an alarm at a moment, by what has arrived by then. */
export function evaluate(alarm: Alarm, points: readonly Point[], now: number, before: State = 'OK'): State {
  const last = Math.floor(now / MINUTE) - 1
  const range = Array.from({ length: alarm.periods + BEYOND }, (_, i) => valueIn(alarm, points, last - i))
  const real = range.filter((value) => value !== undefined).slice(0, alarm.periods)
  const breaching = real.filter((value) => breaches(alarm, value)).length
  const lacking = alarm.periods - real.length
  if (breaching >= alarm.toAlarm) return 'ALARM'
  if (alarm.missing === 'breaching') return breaching + lacking >= alarm.toAlarm ? 'ALARM' : 'OK'
  if (alarm.missing === 'notBreaching') return 'OK'
  if (real.length === 0) return alarm.missing === 'ignore' ? before : 'INSUFFICIENT_DATA'
  return real.length - breaching > alarm.periods - alarm.toAlarm ? 'OK' : before
}

/** When the first of these alarms goes off after `from`, and which; evaluated every ten seconds. */
export function firstAlarm(
  alarms: readonly Alarm[],
  points: readonly Point[],
  { from, until }: { readonly from: number; readonly until: number },
): { readonly id: string; readonly afterMs: number } | undefined {
  const states = new Map<string, State>()
  for (let now = from; now <= until; now += 10_000) {
    const arrived = points.filter(({ at, arrives = at }) => arrives <= now)
    for (const alarm of alarms) {
      const state = evaluate(alarm, arrived, now, states.get(alarm.id))
      if (state === 'ALARM') return { id: alarm.id, afterMs: now - from }
      states.set(alarm.id, state)
    }
  }
  return undefined
}

function valueIn({ metric, statistic, fill }: Alarm, points: readonly Point[], minute: number): number | undefined {
  const values = points
    .filter((point) => point.metric === metric && Math.floor(point.at / MINUTE) === minute)
    .map(({ value }) => value)
  if (values.length === 0) return fill
  if (statistic === 'SampleCount') return values.length
  if (statistic === 'Sum') return values.reduce((sum, value) => sum + value, 0)
  if (statistic === 'Minimum') return Math.min(...values)
  return Math.max(...values)
}

function breaches({ comparison, threshold }: Alarm, value: number): boolean {
  if (comparison === 'GreaterThanThreshold') return value > threshold
  if (comparison === 'GreaterThanOrEqualToThreshold') return value >= threshold
  if (comparison === 'LessThanThreshold') return value < threshold
  throw new Error(`this evaluator does not know ${comparison}`)
}
