import { Duration } from 'aws-cdk-lib'
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch'
import { type MetricName, namespace } from '../cloudwatch/metrics.ts'

/** The options of a chain's metric; `reason` selects one value of `CommitRefused`. */
export type ChainMetricOptions = MetricOptions & { readonly reason?: string }

/** A metric of one chain of a Baton, which its name distinguishes from another one in the same account. */
export function chainMetric(
  { baton, chain }: { readonly baton: string; readonly chain: string },
  metricName: MetricName,
  { reason, ...options }: ChainMetricOptions = {},
): Metric {
  const dimensionsMap = { baton, chain, ...(reason !== undefined && { reason }) }
  return new Metric({ namespace, metricName, dimensionsMap, ...options })
}

/** A minute, the period of every alarm. */
export const MINUTE = Duration.minutes(1)

/** A metric AWS itself publishes for one resource, summed per minute. */
export function awsMetric(namespace: string, metricName: string, dimensionsMap: Record<string, string>): Metric {
  return new Metric({ namespace, metricName, dimensionsMap, statistic: 'Sum', period: MINUTE })
}
