import { Metrics } from '@aws-lambda-powertools/metrics'
import { type ChainMetrics, metrics as definitions, namespace, refusals } from '../cloudwatch/metrics.ts'
import type { GateMetrics } from '../gate/context.ts'

/** The metrics of one chain of a Baton in CloudWatch's embedded format, with these two as their only dimensions. */
export function chainMetrics(baton: string, chain: string): ChainMetrics {
  const metrics = dimensionedBy({ baton, chain })
  return {
    add(name, value, reason) {
      const { unit } = definitions[name]
      if (reason === undefined) metrics.addMetric(name, unit, value)
      else dimensionedBy({ baton, chain, reason }).addMetric(name, unit, value).publishStoredMetrics()
    },
    note(facts) {
      for (const [key, value] of Object.entries(facts)) metrics.addMetadata(key, String(value))
    },
    flush() {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics()
    },
  }
}

/** Powertools would add the dimension `service`, which makes another metric in CloudWatch. */
function dimensionedBy(dimensions: Record<string, string>): Metrics {
  const metrics = new Metrics({ namespace })
  metrics.clearDefaultDimensions()
  metrics.setDefaultDimensions(dimensions)
  return metrics
}

/** The metrics of each chain of a Baton's function, created on first use. */
export function metricsByChain(baton: string): { of(chain: string): ChainMetrics; flush(): void } {
  const byChain = new Map<string, ChainMetrics>()
  return {
    of(chain) {
      const metrics = byChain.get(chain) ?? chainMetrics(baton, chain)
      byChain.set(chain, metrics)
      return metrics
    },
    flush() {
      for (const metrics of byChain.values()) metrics.flush()
    },
  }
}

/** Error codes caused by the gate itself, not by the caller. */
const OURS = new Set(['store-unavailable', 'corrupt-record', 'missing-payload', 'internal'])

/** Counts a gate's events by chain; the line of a commit also has its timings. */
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
