import type { GateMetrics } from '../gate/context.ts'
import type { Metrics } from './registry.ts'

/** op-conductor names its RPC server so. */
const RPC = 'main'
const COMMIT = 'conductor_commitUnsafePayload'

/** A gate's events as metrics. Only memory is touched: a commit never waits for a scrape. */
export function gateMetrics(metrics: Metrics): GateMetrics {
  metrics.set('op_conductor_up', {}, 1)
  return {
    commit({ node }, result, { parseMs, packMs, spillMs, writeMs, bytes }) {
      const total = parseMs + packMs + spillMs + writeMs
      const stages = { parse: parseMs, pack: packMs, spill: spillMs, write: writeMs, total }
      for (const [stage, ms] of Object.entries(stages))
        metrics.observe('baton_commit_duration_seconds', { node, stage }, ms / 1_000)
      metrics.observe('op_conductor_rpc_server_request_duration_seconds', { rpc: RPC, method: COMMIT }, total / 1_000)
      metrics.add('baton_commits_total', { node, result })
      if (result === 'committed') metrics.add('baton_commit_bytes_total', { node }, bytes)
    },
    call(_, method, result) {
      metrics.add('op_conductor_rpc_server_requests_total', { rpc: RPC, method })
      const error = result === 'ok' ? '' : result
      metrics.add('op_conductor_rpc_server_responses_total', { rpc: RPC, method, error })
    },
  }
}
