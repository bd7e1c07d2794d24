import { buildsWell } from './builder.ts'
import { type Examined, isEligibleAgain, rank } from './candidates.ts'
import type { Command, Decision, Ready } from './decision.ts'
import { recentGrants } from './grant.ts'
import { driftLeft } from './judge-l1.ts'
import type { LeaderState } from './leader.ts'
import type { NodeConfig } from './observation.ts'
import { isOrdered } from './orders.ts'
import { type Reason, reason } from './reason.ts'
import type { SharedCause } from './shared-cause.ts'
import { reasonToStart, sequencingBehind, startBlocker } from './start-conditions.ts'
import { awaitBoundary, stepSwitchover } from './switchover.ts'

/** Whether a time on the lease still binds. Further off than twice its length, it comes from a clock that was ahead. */
const binds = (until: number, now: number, ms: number) => until > now && until <= now + 2 * ms

/** What to do about a leader that does not commit: grant the next candidate, or why nothing is granted. */
export type Move = {
  readonly commands: readonly Command[]
  readonly reasons: readonly Reason[]
  readonly page: readonly Reason[]
}

/** Moves sequencing away from a failed leader, unless the operator, the budget or the nodes forbid it. */
export function judgeMove(view: Ready, examined: readonly Examined[], leader: LeaderState, shared?: SharedCause): Move {
  const { head, lease, policy } = view
  // The roll-back is part of the operator's order; whatever follows it is Baton's own act.
  const byOperator = !leader.verified && lease.cause.code === 'switchover'
  const hindrance =
    (byOperator ? undefined : heldUpByL1(view, leader, shared)) ??
    forbidden(view, byOperator) ??
    (leader.state === 'stalled' ? tooEarly(view) : undefined)
  if (hindrance) {
    const { why, page } = hindrance
    const reasons = [...unacceptable(view), why, ...leader.reasons]
    return { commands: restart(view, leader), reasons, page: page ? reasons : [] }
  }
  const former = byOperator ? formerLeader(view, examined) : undefined
  const next = former ?? rank(examined, head.leader)[0]
  if (!next) return noCandidateRemaining(view, examined, leader.reasons, restart(view, leader))

  const rollBack = former !== undefined
  const why = rollBack ? [reason('rolled-back', {}, next.name), ...leader.reasons] : leader.reasons
  const code = rollBack ? 'rolled-back' : (leader.reasons[0]?.code ?? 'stalled')
  // Until a node commits, the requester of the switchover finds its outcome by the id.
  const { id, order } = leader.verified ? {} : lease.cause
  const grant = {
    to: next.name,
    cause: { code, by: 'baton', ...(id !== undefined && { id }), ...(order !== undefined && { order }) },
    // A soft reason gets here only if the lease is over, or its end does not bind.
    overLease: leader.state === 'gone' || lease.expiresAt > view.now,
    automatic: true,
    sameRound: !leader.verified,
    leaseMs: policy.leaseMs,
  } as const
  return { commands: [{ act: 'grant', grant, reasons: why }], reasons: why, page: [] }
}

/** Where an operator's switchover came from, if it is fit. It led by order, even if it is never chosen automatically. */
function formerLeader({ head, lease }: Ready, examined: readonly Examined[]): NodeConfig | undefined {
  const { previousLeader } = lease
  const former = examined.find(({ node }) => node.name === previousLeader && node.name !== head.leader)
  const fit = former?.fitness.hard.length === 0 && former.fitness.soft.every(({ code }) => code === 'no-failover')
  return fit ? former.node : undefined
}

/**
 * Moves sequencing away from a leader that commits, where another node would serve the chain better. If it is too soon,
 * forbidden, or no such node exists, it only pages, and the leader continues.
 */
export function judgeSoftMove(view: Ready, examined: readonly Examined[], why: readonly Reason[]): Move {
  const stay = (hindrance: Reason): Move => ({ commands: [], reasons: [...why, hindrance], page: why })
  const hindrance = forbidden(view, false) ?? settling(view)
  if (hindrance) return stay(hindrance.why)
  const next = rank(examined, view.head.leader).find(({ name }) => hasPeers(view, name))
  if (!next) return stay(reason('no-candidate'))
  const grant = {
    to: next.name,
    cause: { code: why[0]?.code ?? 'stalled', by: 'baton' },
    overLease: true,
    automatic: true,
    sameRound: false,
    leaseMs: view.policy.leaseMs,
  } as const
  return { commands: [{ act: 'grant', grant, reasons: why }], reasons: why, page: why }
}

/**
 * Moves sequencing away from a leader that commits on time, but whose builder or stream fails, to a node where both
 * work. At a block boundary, so that no slot is missed. Never pages, and leaves half of the budget for failovers.
 */
export function judgeBuilderMove(
  view: Ready,
  examined: readonly Examined[],
  why: readonly Reason[],
): Move & { readonly wakeAt?: number } {
  const { head, lease, policy, now } = view
  const stay = (hindrance: Reason): Move => ({ commands: [], reasons: [...why, hindrance], page: [] })
  const hindrance = forbidden(view, false) ?? settling(view)
  if (hindrance) return stay(hindrance.why)
  const grants = recentGrants(lease, now).length
  if (2 * grants >= policy.budgetPerHour) return stay(reason('budget-kept', { grants }))
  const drifts = (name: string) => examined.find(({ node }) => node.name === name)?.fitness.drift !== undefined
  const next = rank(examined, head.leader).find(
    ({ name }) => hasPeers(view, name) && buildsWell(view, name) && !drifts(name),
  )
  if (!next) return stay(reason('no-builder'))
  const boundary = awaitBoundary(view)
  if (boundary) return { ...stay(boundary.reason), wakeAt: boundary.wakeAt }
  const cause = { code: why[0]?.code ?? 'boost-down', by: 'baton' } as const
  const terms = { overLease: true, automatic: true, sameRound: false, leaseMs: policy.leaseMs }
  return {
    commands: [{ act: 'grant', grant: { to: next.name, cause, ...terms }, reasons: why }],
    reasons: why,
    page: [],
  }
}

/** Whether its blocks would reach a peer, as far as it reports. */
function hasPeers({ observed }: Ready, node: string): boolean {
  const consensus = observed[node]?.observation.consensus
  return consensus?.ok === true && consensus.value.peers !== 0
}

/** What forbids Baton to move sequencing on its own, whatever the evidence. */
function forbidden(view: Ready, byOperator: boolean): { why: Reason; page: boolean } | undefined {
  const { lease, policy, now } = view
  if (lease.mode === 'hold') return { why: reason('held', { by: lease.modeBy }, lease.leader), page: true }
  if (byOperator) return undefined
  if (lease.mode === 'paused') return { why: reason('paused', { by: lease.modeBy }), page: true }
  const cooling = coolingDown(view)
  if (cooling) return { why: cooling, page: true }
  const grants = recentGrants(lease, now).length
  if (grants < policy.budgetPerHour) return undefined
  return { why: reason('budget-used', { grants, budget: policy.budgetPerHour }), page: true }
}

/**
 * L1 stands still for every node, and the leader answers and has not committed: no node can build a block once the
 * origin is used up, so a move would only use up the budget. Our own L1 endpoint knows whether the origin is.
 */
function heldUpByL1(
  view: Ready,
  { reasons: [first] }: LeaderState,
  shared: SharedCause | undefined,
): { why: Reason; page: boolean } | undefined {
  const frozen = shared?.reason.code === 'l1-frozen' || shared?.reason.code === 'l1-endpoint'
  if (!frozen || first?.code !== 'no-first-commit' || (driftLeft(view)?.leftMs ?? -1) >= 0) return undefined
  return { why: shared.reason, page: true }
}

/** Soft reasons wait for the lease to end. A leader that commits nothing has no claim to the hold time. */
function tooEarly({ lease, policy, now }: Ready): { why: Reason; page: boolean } | undefined {
  return binds(lease.expiresAt, now, policy.leaseMs)
    ? { why: reason('lease-running', { ms: lease.expiresAt - now }), page: false }
    : undefined
}

/** The running cool-down after a round in which every candidate failed. */
export function coolingDown({ lease, policy, now }: Ready): Reason | undefined {
  return binds(lease.cooldownUntil, now, policy.cooldownMs)
    ? reason('cooldown', { ms: lease.cooldownUntil - now })
    : undefined
}

/** A leader that commits keeps the lead for a while after the last move. */
function settling({ lease, policy, now }: Ready): { why: Reason; page: boolean } | undefined {
  const ageMs = now - lease.grantedAt
  const settled = lease.grants.length === 0 || !binds(lease.grantedAt + policy.holdMs, now, policy.holdMs)
  return settled ? undefined : { why: reason('hold-time', { ageMs, holdMs: policy.holdMs }), page: false }
}

/** No candidate remains: begin a cool-down if all were tried, and keep trying the leader. */
export function noCandidateRemaining(
  view: Ready,
  examined: readonly Examined[],
  because: readonly Reason[],
  restarts: readonly Command[] = [],
): Move {
  const { lease, policy, now } = view
  const exhausted = lease.tried.length > 0 && examined.some(isEligibleAgain)
  const why = reason(exhausted ? 'all-failed' : 'no-candidate')
  const reasons = [...unacceptable(view), why, ...because]
  const coolDown: Command[] = exhausted ? [{ act: 'cool-down', until: now + policy.cooldownMs, reasons }] : []
  return { commands: [...coolDown, ...restarts], reasons, page: reasons }
}

/**
 * A committed block that no node has and none can be brought to: each node that answers stands on its parent and has
 * refused to start from it. No failover helps; only a person may give the block up. A node below the parent has yet to
 * take what it was given: its start failed for lack of time.
 */
function unacceptable({ head, nodes, observed }: Ready): Reason[] {
  const answering = nodes.flatMap(({ name }) => {
    const known = observed[name]
    return known?.observation.consensus.ok && known.observation.execution.ok ? [known] : []
  })
  const refusing = answering.filter(({ observation: { consensus, execution }, failedStart }) => {
    if (!consensus.ok || !execution.ok || (failedStart?.term ?? -1) < head.committedTerm) return false
    const { at, latest } = execution.value
    return consensus.value.unsafe.hash === head.parentHash && latest.number < head.number && at?.hash !== head.hash
  })
  if (answering.length === 0 || refusing.length < answering.length) return []
  const below = { below: String(head.number - 1n), parent: head.parentHash }
  return [reason('head-unacceptable', { number: String(head.number), hash: head.hash, ...below })]
}

/** Restarts a leader that no other node may replace, when it can be reached. */
function restart(view: Ready, leader: LeaderState): Command[] {
  const { head, lease, observed } = view
  const known = observed[head.leader]
  if (!known || (lease.mode === 'paused' && !isOrdered(view)) || startBlocker(view, head)) return []
  const idle =
    known.observation.execution.ok && (reasonToStart(view, head) ?? sequencingBehind(view, head)) !== undefined
  return idle ? [{ act: 'start', node: head.leader, term: head.term, reasons: leader.reasons }] : []
}

type Draft = Omit<Decision, 'verdicts'>

/** A request due within this time names the first node to grant, as in a cold start. */
const SOON_MS = 5_000

/** A head without a leader: grant it to the node the operator named, else to the best one. */
export function decideFirstGrant(
  view: Ready,
  examined: readonly Examined[],
  shared: SharedCause | undefined,
  standing: readonly Reason[],
): Draft {
  const { lease, policy } = view
  if (shared?.blocks === 'all') return halted([shared.reason])
  // A switchover scheduled for tonight must not leave the chain without a leader until then.
  if (lease.switchover && lease.switchover.notBefore <= view.now + SOON_MS) {
    const step = stepSwitchover(view, lease.switchover, undefined, examined, standing)
    if (step.step !== 'wait')
      return { condition: 'moving', commands: [step.command], reasons: step.command.reasons, page: [] }
    return { condition: 'observing', commands: [], reasons: step.reasons, page: [] }
  }
  if (lease.mode === 'paused') return halted([reason('paused', { by: lease.modeBy })])
  if (lease.mode === 'hold') return halted([reason('held', { by: lease.modeBy }, lease.leader)])
  const cooling = coolingDown(view)
  if (cooling) return halted([cooling])
  const first = rank(examined, '', lease.previousLeader)[0]
  if (!first) {
    const left = noCandidateRemaining(view, examined, [])
    return { condition: 'halted', ...left }
  }
  const cause = { code: 'bootstrap', by: 'baton' } as const
  const why = [reason('eligible', { lag: '0', priority: first.priority }, first.name)]
  const grant = { to: first.name, cause, overLease: true, automatic: false, sameRound: false, leaseMs: policy.leaseMs }
  return { condition: 'moving', commands: [{ act: 'grant', grant, reasons: why }], reasons: why, page: [] }
}

const halted = (why: readonly Reason[]): Draft => ({ condition: 'halted', commands: [], reasons: why, page: why })
