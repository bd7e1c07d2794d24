import type { GateMetrics } from '../gate/context.ts'
import type { ChainMetrics } from './chain-metrics.ts'
import { refusals } from './metrics.ts'

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
