import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch'
import { type MetricName, namespace } from '../../lambda/metrics.ts'

/** How a metric of a chain is shown; `reason` picks one of the values of `CommitRefused`. */
export type ChainMetricOptions = MetricOptions & { readonly reason?: string }

/** A metric of one chain. */
export function chainMetric(
  chain: string,
  metricName: MetricName,
  { reason, ...options }: ChainMetricOptions = {},
): Metric {
  const dimensionsMap = { chain, ...(reason !== undefined && { reason }) }
  return new Metric({ namespace, metricName, dimensionsMap, ...options })
}
