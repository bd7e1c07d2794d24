import { Metrics } from '@aws-lambda-powertools/metrics'
import type { GateMetrics } from '../gate/context.ts'
import { metrics as definitions, type MetricName, namespace, refusals } from './metrics.ts'

/** Where one chain's metrics are counted. */
export type ChainMetrics = {
  /** Adds a value; `reason` for those metrics that have that dimension, which are written at once. */
  add(name: MetricName, value: number, reason?: string): void
  /** A fact for who reads the line the metrics are written in; not a dimension. */
  note(facts: Readonly<Record<string, string | number>>): void
  /** Writes what was added, in one line; nothing if nothing was. */
  flush(): void
}

/** The metrics of one chain in CloudWatch's embedded format, with `chain` as their only dimension. */
export function chainMetrics(chain: string): ChainMetrics {
  const metrics = dimensionedBy({ chain })
  return {
    add(name, value, reason) {
      const { unit } = definitions[name]
      if (reason === undefined) metrics.addMetric(name, unit, value)
      else dimensionedBy({ chain, reason }).addMetric(name, unit, value).publishStoredMetrics()
    },
    note(facts) {
      for (const [key, value] of Object.entries(facts)) metrics.addMetadata(key, String(value))
    },
    flush() {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics()
    },
  }
}

/** A dimension of its own for `service`, which Powertools adds, would be another metric to CloudWatch. */
function dimensionedBy(dimensions: Record<string, string>): Metrics {
  const metrics = new Metrics({ namespace })
  metrics.clearDefaultDimensions()
  metrics.setDefaultDimensions(dimensions)
  return metrics
}

/** The metrics of each chain of a function, made when first asked for. */
export function metricsByChain(): { of(chain: string): ChainMetrics; flush(): void } {
  const byChain = new Map<string, ChainMetrics>()
  return {
    of(chain) {
      const metrics = byChain.get(chain) ?? chainMetrics(chain)
      byChain.set(chain, metrics)
      return metrics
    },
    flush() {
      for (const metrics of byChain.values()) metrics.flush()
    },
  }
}

/** Codes that are the gate's own trouble and not the caller's mistake. */
const OURS = new Set(['store-unavailable', 'corrupt-record', 'missing-payload', 'internal'])

/** Counts what a gate tells, by chain; the line of a commit also tells where its time went. */
export function gateMetrics(of: (chain: string) => ChainMetrics): GateMetrics {
  return {
    commit({ chain, node }, result, { bytes, checked, ...timings }) {
      const metrics = of(chain)
      const { parseMs, packMs, spillMs, writeMs } = timings
      metrics.add('CommitLatency', round(parseMs + packMs + spillMs + writeMs))
      metrics.note({
        node,
        result,
        bytes,
        checked,
        ...Object.fromEntries(Object.entries(timings).map(([k, v]) => [k, round(v)])),
      })
      const reason = refusals.find((refusal) => refusal === result)
      if (reason) metrics.add('CommitRefused', 1, reason)
    },
    call({ chain }, _, result) {
      if (OURS.has(result)) of(chain).add('GateErrors', 1)
    },
  }
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10
}
