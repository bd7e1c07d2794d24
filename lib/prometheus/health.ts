import type { Verdict, View } from '../protocol/decision.ts'
import type { ReasonCode } from '../protocol/reason.ts'

/** What speaks about an operator's choice or a difference between nodes, not about the health of a node. */
const NO_FAULT: readonly ReasonCode[] = [
  ...(['eligible', 'quarantined', 'no-failover', 'tried', 'fenced-sequencing', 'catching-up', 'start-failed'] as const),
  ...(['config-differs', 'fork-differs', 'sdm-differs', 'engine-lacks', 'not-throttled', 'before-karst'] as const),
  ...(['flashblocks-down', 'flashblocks-silent'] as const),
]

/** op-conductor's errors of a health check (op-conductor/health/monitor.go), by what Baton found. */
const BY_CODE: Readonly<Partial<Record<ReasonCode, string>>> = {
  'boost-down': 'cannot connect to rollup boost rpc endpoints',
  'boost-partial':
    'rollup boost is partially healthy, meaning that rbuilder is not healthy but the execution client is healthy',
  'boost-unhealthy': 'rollup boost is not healthy',
}
const NOT_HEALTHY = 'sequencer is not healthy'
const CONNECTION_DOWN = 'cannot connect to sequencer rpc endpoints'

/** The error of an observation of a node, in op-conductor's words; empty for a healthy one. */
export function findingOf({ observed }: View, { node, role, reasons }: Verdict): string {
  const known = observed[node]?.observation
  if (!known?.consensus.ok || !known.execution.ok) return CONNECTION_DOWN
  const boost = reasons.map(({ code }) => BY_CODE[code]).find((error) => error !== undefined)
  if (boost !== undefined) return boost
  if (role === 'leading' || role === 'standby') return ''
  return reasons.every(({ code }) => NO_FAULT.includes(code)) ? '' : NOT_HEALTHY
}

/** The state of a node as op-conductor labels it. */
export function stateOf(view: View, verdict: Verdict) {
  const consensus = view.observed[verdict.node]?.observation.consensus
  return {
    leader: String(view.head?.leader === verdict.node),
    healthy: String(findingOf(view, verdict) === ''),
    active: String(consensus?.ok === true && consensus.value.sequencing),
  }
}
