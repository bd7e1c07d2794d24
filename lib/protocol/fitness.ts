import type { BlockId } from './block.ts'
import { abandoned } from './branch.ts'
import { builderReasons } from './builder.ts'
import { stateLost } from './damage.ts'
import type { ObservationWindow, ObservedNode, View } from './decision.ts'
import { driftOf } from './drift.ts'
import { reachReasons, unwired } from './gate-reach.ts'
import { onlyGenesis, syncsItself } from './node-history.ts'
import type { Answer, ConsensusView, NodeConfig } from './observation.ts'
import { type Reason, reason } from './reason.ts'
import type { Head } from './records.ts'
import { executionShort, refilling } from './short.ts'
import { promiseReasons } from './uncommitted.ts'
import { answering, hasHappened, othersL1Ms } from './witnesses.ts'

/** What speaks against a node as the next leader. `hard`: not even an operator's force overrides it. */
export type Fitness = {
  readonly hard: readonly Reason[]
  readonly soft: readonly Reason[]
  /** How it would act differently from the leader: Baton prefers another node, and an operator must force this one. */
  readonly drift?: readonly Reason[]
  readonly lag?: bigint
}

/** Examines one node against the committed head, the lease and the other nodes. */
export function examine(view: View, node: NodeConfig): Fitness {
  const known = view.observed[node.name]
  if (!known) return { hard: [reason('never-seen', {}, node.name)], soft: policyReasons(view, node) }
  const { consensus, execution } = known.observation
  const lag = view.head && lagBehind(view.head, known)
  const hard = [
    ...failureReason('consensus', consensus, known.consensus, node.name, view.now),
    ...failureReason('execution', execution, known.execution, node.name, view.now),
    ...(known.identity?.hard ?? []),
    ...chainReasons(view, node.name, known),
  ]
  // The leader's commits prove its way to the gate.
  if (view.head?.leader !== node.name) hard.push(...reachReasons(node.name, known))
  hard.push(...unwired(node.name, known), ...promiseReasons(node.name, known))
  hard.push(...executionShort(view, node.name, known))
  if (execution.ok && !execution.value.state.ok) {
    hard.push(reason('state-missing', { message: execution.value.state.message }, node.name))
  }
  hard.push(...stateLost(node.name, known), ...onlyGenesis(view, node.name, known))
  const soft = [
    ...policyReasons(view, node),
    ...(known.identity?.soft ?? []),
    ...syncsItself(node.name, known, lag, view.now),
  ]
  soft.push(...refilling(node.name, known))
  if (lag !== undefined && lag > view.policy.maxLag) {
    soft.push(reason('behind', { lag: String(lag), max: String(view.policy.maxLag) }, node.name))
  }
  if (consensus.ok) soft.push(...l1Reasons(view, node.name, consensus.value))
  const drift = [...driftOf(view, node.name), ...builderReasons(view, node.name)]
  return { hard, soft, ...(drift.length > 0 && { drift }), ...(lag !== undefined && { lag }) }
}

/** A client's failure as a reason. None if it answers, or if a stranger answers: the identity reasons cover that. */
export function failureReason(
  client: 'consensus' | 'execution',
  answer: Answer<unknown>,
  window: ObservationWindow,
  node: string,
  now: number,
): Reason[] {
  if (answer.ok || answer.failure === 'identity') return []
  const { failure, message } = answer
  if (failure === 'refused') return [reason(`${client}-refused`, { message }, node)]
  if (failure === 'timeout')
    return [reason(`${client}-silent`, { ageMs: now - window.since, looks: window.samples }, node)]
  if (failure === 'reset' || failure === 'proxy') return [reason(`${client}-${failure}`, { message }, node)]
  return [reason(failure === 'other' ? 'other-failure' : failure, { client, message }, node)]
}

/** Blocks a node is behind: the worse of its two clients, at least 0; `undefined` = unknown. */
function lagBehind(head: Head, { observation: { consensus, execution } }: ObservedNode): bigint | undefined {
  if (!consensus.ok || !execution.ok) return undefined
  const has =
    consensus.value.unsafe.number < execution.value.latest.number
      ? consensus.value.unsafe.number
      : execution.value.latest.number
  return has < head.number ? head.number - has : 0n
}

const isForked = (a: BlockId, b: BlockId) => a.number === b.number && a.hash !== b.hash

/** Why the node is not on the committed chain, as far as this observation shows. */
function chainReasons({ head, asked }: View, node: string, known: ObservedNode): Reason[] {
  const { consensus, execution } = known.observation
  if (!head) return []
  const reasons: Reason[] = []
  const seen = [...(consensus.ok ? [consensus.value.unsafe] : []), ...(execution.ok ? [execution.value.latest] : [])]
  const at = execution.ok ? execution.value.at : undefined
  const answered = at?.hash ? [{ number: at.number, hash: at.hash }] : []
  const committed = [head, { number: head.number - 1n, hash: head.parentHash }, ...(asked ? [asked] : [])]
  const fork = [...seen, ...answered].find((block) => committed.some((c) => isForked(block, c)))
  const instead = fork && committed.find((c) => isForked(fork, c))
  if (instead) {
    const { number, hash } = instead
    reasons.push(reason('forked', { number: String(number), hash: fork.hash, committed: hash }, node))
  }
  const left = fork ? undefined : abandoned(head, known)
  if (left) {
    const { number, hash, committed } = left
    reasons.push(reason('forked', { number: String(number), hash, committed }, node))
  }
  // An execution client may still name a block its op-node went back from; op-node's head is where the node stands.
  const places = consensus.ok ? [consensus.value.unsafe] : seen
  const above = places.find((block) => block.number > head.number)
  if (above) reasons.push(reason('ahead', { number: String(above.number), committed: String(head.number) }, node))
  return reasons
}

function policyReasons({ lease }: View, node: NodeConfig): Reason[] {
  const reasons: Reason[] = []
  const quarantine = lease?.quarantine[node.name]
  if (quarantine) reasons.push(reason('quarantined', { by: quarantine.by, why: quarantine.why }, node.name))
  if (node.noFailover) reasons.push(reason('no-failover', {}, node.name))
  if (lease?.tried.includes(node.name)) reasons.push(reason('tried', {}, node.name))
  return reasons
}

/** What is wrong with a node's view of L1, judged by the other nodes and our clock. */
function l1Reasons(view: View, node: string, { headL1 }: ConsensusView): Reason[] {
  const others = answering(view).filter((other) => other.node !== node && other.at.headL1.number === headL1.number)
  const agreeing = others.filter(({ at }) => at.headL1.hash === headL1.hash).length
  const against = Math.max(0, ...others.map(({ at }) => (at.headL1.hash === headL1.hash ? 0 : countOf(others, at))))
  const number = String(headL1.number)
  if (against > agreeing + 1) return [reason('l1-view', { number, hash: headL1.hash }, node)]

  const theirs = othersL1Ms(view, node)
  if (theirs === undefined) return []
  const behindMs = theirs - Number(headL1.timestamp) * 1_000
  if (behindMs > view.policy.l1FrozenMs) return [reason('l1-older', { number, behindMs }, node)]
  if (hasHappened(headL1, view.now) || -behindMs <= view.policy.l1FrozenMs) return []
  return [reason('l1-future', { number, timestamp: String(headL1.timestamp) }, node)]
}

/** How many of these nodes have this L1 head. */
const countOf = (others: readonly { readonly at: ConsensusView }[], { headL1 }: ConsensusView): number =>
  others.filter(({ at }) => at.headL1.hash === headL1.hash).length
