import { type Examined, isEligible } from './candidates.ts'
import { damagesOf } from './damage.ts'
import type { Decision, Role, Verdict, View } from './decision.ts'
import { type Reason, reason } from './reason.ts'
import { catchingUp } from './top-up.ts'

/** The verdict on one node, for people: its role, whether it could take over, and why (not). */
export function verdictOf(view: View, examined: Examined, condition: Decision['condition']): Verdict {
  const { node, fitness } = examined
  const eligible = isEligible(examined)
  const role = roleOf(view, examined, condition)
  const reasons: Reason[] = [...fitness.hard, ...fitness.soft, ...(fitness.drift ?? [])]
  if (role === 'fenced') reasons.push(reason('fenced-sequencing', {}, node.name))
  if (eligible && role === 'standby') {
    reasons.push(reason('eligible', { lag: String(fitness.lag ?? 0n), priority: node.priority }, node.name))
  }
  reasons.push(...catchingUp(view, node.name))
  // What it failed at the last time stays told until it has done it.
  const failed = role === 'standby' ? view.observed[node.name]?.failedStart : undefined
  if (failed) reasons.push(reason('start-failed', { message: failed.message }, node.name))
  const damage = damagesOf(view, node.name)
  reasons.push(...damage.filter(({ code }) => !reasons.some((told) => told.code === code)))
  return {
    node: node.name,
    role,
    eligible,
    reasons,
    ...(damage.length > 0 && { damage }),
    ...(fitness.lag !== undefined && { lag: fitness.lag }),
  }
}

function roleOf({ head, observed }: View, examined: Examined, condition: Decision['condition']): Role {
  const { name } = examined.node
  const look = observed[name]?.observation
  if (head && head.leader === name) {
    if (head.committedTerm !== head.term) return condition === 'halted' ? 'failing' : 'starting'
    return condition === 'ok' || condition === 'degraded' ? 'leading' : 'failing'
  }
  if (look?.consensus.ok && look.consensus.value.sequencing) return 'fenced'
  if (look && !look.consensus.ok) return look.consensus.failure === 'identity' ? 'unfit' : 'down'
  return isEligible(examined) ? 'standby' : 'unfit'
}
