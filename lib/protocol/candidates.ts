import { damagesOf } from './damage.ts'
import type { Decision, Role, Verdict, View } from './decision.ts'
import { examine, type Fitness } from './fitness.ts'
import type { NodeConfig } from './observation.ts'
import { type Reason, reason } from './reason.ts'
import type { NodeName } from './records.ts'
import { catchingUp } from './top-up.ts'

/** A node and what speaks against it. */
export type Examined = { readonly node: NodeConfig; readonly fitness: Fitness }

/** Every node examined, in configured order. */
export function examineAll(view: View): Examined[] {
  return view.nodes.map((node) => ({ node, fitness: examine(view, node) }))
}

/** Nothing speaks against it. */
export const isEligible = ({ fitness }: Examined) => fitness.hard.length === 0 && fitness.soft.length === 0

/** Nothing speaks against it except that it was tried before. */
export const isEligibleAgain = ({ fitness }: Examined) =>
  fitness.hard.length === 0 && fitness.soft.every(({ code }) => code === 'tried')

/** It would act differently from the leader. */
const drifts = ({ fitness }: Examined) => fitness.drift !== undefined

/**
 * The nodes sequencing could move to, best first: those configured like the leader, by priority, then lag, then a zone
 * other than the leader's (what took the leader may take its zone), then name. `prefer` comes first if eligible.
 */
export function rank(examined: readonly Examined[], leader: NodeName, prefer?: NodeName): NodeConfig[] {
  const zone = examined.find(({ node }) => node.name === leader)?.node.zone
  const order = (a: Examined, b: Examined) =>
    Number(b.node.name === prefer) - Number(a.node.name === prefer) ||
    Number(drifts(a)) - Number(drifts(b)) ||
    b.node.priority - a.node.priority ||
    Number((a.fitness.lag ?? 0n) - (b.fitness.lag ?? 0n)) ||
    Number(a.node.zone === zone) - Number(b.node.zone === zone) ||
    (a.node.name < b.node.name ? -1 : 1)
  return examined
    .filter((candidate) => candidate.node.name !== leader && isEligible(candidate))
    .sort(order)
    .map(({ node }) => node)
}

/** The verdict on one node, for people: its role, whether it could take over, and why (not). */
export function verdictOf(view: View, examined: Examined, condition: Decision['condition']): Verdict {
  const { node, fitness } = examined
  const eligible = isEligible(examined)
  const role = roleOf(view, examined, condition)
  const reasons: Reason[] = [...fitness.hard, ...fitness.soft, ...(fitness.drift ?? [])]
  if (role === 'fenced') reasons.push(reason('fenced-sequencing', {}, node.name))
  if (role === 'outside') reasons.push(reason('sequences-outside', {}, node.name))
  if (eligible && role === 'standby') {
    reasons.push(reason('eligible', { lag: String(fitness.lag ?? 0n), priority: node.priority }, node.name))
  }
  reasons.push(...catchingUp(view, node.name))
  // Its last failure stays listed until it succeeds.
  const failed = role === 'standby' ? view.observed[node.name]?.failedStart : undefined
  if (failed) reasons.push(reason('start-failed', { message: failed.message }, node.name))
  const damage = damagesOf(view, node.name)
  reasons.push(...damage.filter(({ code }) => !reasons.some((given) => given.code === code)))
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
  const sample = observed[name]?.observation
  if (head && head.leader === name) {
    if (head.committedTerm !== head.term) return condition === 'halted' ? 'failing' : 'starting'
    return condition === 'ok' || condition === 'degraded' ? 'leading' : 'failing'
  }
  if (sample?.consensus.ok && sample.consensus.value.sequencing) return head ? 'fenced' : 'outside'
  if (sample && !sample.consensus.ok) return sample.consensus.failure === 'identity' ? 'unfit' : 'down'
  return isEligible(examined) ? 'standby' : 'unfit'
}
