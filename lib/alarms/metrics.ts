import type { Duration } from 'aws-cdk-lib'
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch'

/** The namespace of everything Baton counts. */
export const NAMESPACE = 'Baton'

/** What Baton counts for each chain. */
export type MetricName =
  | 'HeadNumber'
  | 'SecondsSinceCommit'
  | 'EligibleStandbys'
  | 'Failovers'
  | 'FlapBudgetLeft'
  | 'MonitorTicks'
  | 'TickErrors'
  | 'CommitRefused'
  | 'GateErrors'
  | 'CommitLatency'
  | 'ArchiveLag'
  | 'L1HeadAge'
  | 'SafeLagBlocks'
  | 'Paging'

/** A metric of one chain. `reason` tells the values of `CommitRefused` apart. */
export function chainMetric(
  chain: string,
  metricName: MetricName,
  { reason, ...options }: MetricOptions & { readonly reason?: string; readonly period?: Duration } = {},
): Metric {
  return new Metric({
    namespace: NAMESPACE,
    metricName,
    dimensionsMap: { chain, ...(reason !== undefined && { reason }) },
    ...options,
  })
}
