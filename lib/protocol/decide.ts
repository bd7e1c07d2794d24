import { decideBootstrap } from './bootstrap.ts'
import { builderReasons } from './builder.ts'
import { type Examined, examineAll, rank, verdictOf } from './candidates.ts'
import { clocksToPage, judgeClocks } from './clocks.ts'
import type { Command, Decision, Ready, Verdict, View } from './decision.ts'
import { decideContradiction } from './follow-l1.ts'
import { reachReasons, unwired } from './gate-reach.ts'
import { strangers } from './identity.ts'
import { fewPeers, isolatedLeader, withoutPeers } from './isolation.ts'
import { judgeL1 } from './judge-l1.ts'
import { judgeLeader, type LeaderState } from './leader.ts'
import { decideFirstGrant, judgeBuilderMove, judgeMove, judgeSoftMove } from './move.ts'
import { isOrdered, movedInPause } from './orders.ts'
import { overriddenNode } from './quarantine.ts'
import { type Reason, reason } from './reason.ts'
import { boundActs } from './series.ts'
import { findSharedCause, observeAgain, type SharedCause } from './shared-cause.ts'
import { repairShort } from './short.ts'
import { stepSwitchover } from './switchover.ts'
import { topUps } from './top-up.ts'
import { promiseBreakers, promiseReasons, unprovedAbove } from './uncommitted.ts'

type Draft = Omit<Decision, 'verdicts'>

/**
 * What Baton would do now, and why it would not do something else. Pure: monitor, `explain`, dry run and simulation all
 * call it. It decides one step at a time from the records, so the next run finishes what an earlier one left half done.
 */
export function decide(view: View): Decision {
  const examined = examineAll(view)
  const { head, lease } = view
  const l1 = judgeL1(view)
  const drafted =
    repairRecords(view) ??
    (head && lease ? decideTerm({ ...view, head, lease }, examined, l1?.page ?? []) : decideBootstrap(view))
  const bounded = boundActs(view, [...drafted.commands, ...feed(view, drafted)])
  const paged = [...drafted.page, ...bounded.page]
  const draft = {
    ...drafted,
    commands: bounded.commands,
    page: [...paged, ...notYetGiven(strangersOf(view, drafted), paged)],
  }
  const page = [...draft.page, ...(draft.page.length === 0 ? silence(view, draft) : []), ...(l1?.page ?? [])]
  const verdicts: Verdict[] = examined.map((one) => verdictOf(view, one, draft.condition))
  const condition = draft.condition === 'ok' && l1 && l1.page.length > 0 ? 'degraded' : draft.condition
  return { ...draft, condition, page, verdicts, ...(l1 && { l1 }) }
}

/** Keeps standbys at the head, unless the chain is moving or its nodes have left the head with reason. */
function feed(view: View, { condition, sharedCause }: Draft): Command[] {
  const { head, lease, unexplained, contradiction } = view
  if (!head || !lease || sharedCause || unexplained || contradiction || overriddenNode(lease.quarantine)) return []
  return condition === 'moving' || condition === 'observing' ? [] : topUps({ ...view, head, lease })
}

/** A chain without a block for this much longer than a slot raises a page, whatever the cause (ms). */
const SILENCE_MS = 15_000

/** Pages for a missing block when no other finding does. */
function silence({ head, blockSeenAt, now, policy }: View, { condition, reasons }: Draft): Reason[] {
  if (!head || blockSeenAt === undefined || condition === 'observing') return []
  // The timestamp of a genesis, or of a sequencer whose clock is ahead, may be later than the block's commit.
  const aheadMs = Math.max(0, Number(head.timestamp) * 1_000 - head.committedAt)
  const ageMs = now - blockSeenAt
  if (ageMs - aheadMs <= policy.blockTimeMs + SILENCE_MS) return []
  return [reason('no-block', { ageMs, number: String(head.number) }), ...reasons]
}

/** Brings head and lease to the same term before any other decision. */
function repairRecords({ head, lease }: View): Draft | undefined {
  const repair = (command: Command): Draft => draft('moving', command.reasons, [command])
  if (!head) return lease && draft('halted', [reason('head-missing')], [], [reason('head-missing')])
  if (!lease) return repair({ act: 'seed-lease', head, reasons: [reason('lease-missing')] })
  const terms = { term: lease.term, headTerm: head.term }
  if (lease.term > head.term) {
    return repair({ act: 'fence', node: lease.leader, term: lease.term, reasons: [reason('fence-pending', terms)] })
  }
  return lease.term < head.term ? repair({ act: 'follow-head', reasons: [reason('lease-behind', terms)] }) : undefined
}

/** Decides about an effective term: leave it, renew it, start its leader, or grant the next. */
function decideTerm(view: Ready, examined: readonly Examined[], l1Page: readonly Reason[]): Draft {
  const overridden = decideOverridden(view)
  if (overridden) return overridden
  const unarmed = decideUnarmed(view)
  if (unarmed) return unarmed
  const contradicted = decideContradiction(view)
  if (contradicted) return contradicted
  const shared = findSharedCause(view)
  const forAll = shared?.blocks === 'all' ? [shared.reason] : []
  const forked = forks(view, examined)
  const unexplained = view.unexplained ? [view.unexplained] : []
  const standing = [...forAll, ...forked, ...unexplained, ...l1Page]
  if (view.head.leader === '') {
    const first = decideFirstGrant(view, examined, shared, standing)
    const commands = [...first.commands, ...observeAgain(view, shared), ...repairShort(view)]
    return withCause({ ...first, commands }, shared)
  }
  const leader = judgeLeader(view, view.head)
  const { condition, commands, reasons, page, wakeAt } = decideLeader(view, examined, leader, shared, standing)
  const stays = condition === 'ok' || (condition === 'degraded' && leader.state === 'committing')
  const alone = stays && view.nodes.length > 1 && rank(examined, view.head.leader).length === 0
  const draft: Draft = {
    condition: condition === 'ok' && (alone || shared?.blocks === 'all') ? 'degraded' : condition,
    commands: [
      ...commands,
      ...keepHouse(view, leader),
      ...observeAgain(view, shared),
      ...repairShort(view, {
        led: leader.state === 'committing',
        helpless: condition === 'halted' && commands.length === 0 && shared?.blocks !== 'all',
      }),
    ],
    reasons: [
      ...reasons,
      ...(alone ? [reason('no-candidate')] : []),
      ...notYetGiven(modeReasons(view), reasons),
      ...judgeClocks(view).filter(({ code }) => code === 'block-clock'),
    ],
    page: [...forAll, ...page, ...forked, ...unprovedAbove(view), ...clocksToPage(view), ...unexplained],
    wakeAt: wakeAt ?? leader.wakeAt,
  }
  return withCause(draft, shared)
}

/** Nodes with another block at a committed height: one was published without a commit. Excludes quarantined nodes. */
function forks({ lease }: Ready, examined: readonly Examined[]): Reason[] {
  return examined.flatMap(({ node, fitness }) =>
    lease.quarantine[node.name] ? [] : fitness.hard.filter(({ code }) => code === 'forked'),
  )
}

function decideLeader(
  view: Ready,
  examined: readonly Examined[],
  leader: LeaderState,
  shared: SharedCause | undefined,
  standing: readonly Reason[],
): Draft {
  const { lease, head } = view
  const committing = leader.state === 'committing'
  if (shared?.blocks === 'all') return draft(committing ? 'ok' : 'halted', [shared.reason, ...leader.reasons])
  if (lease.switchover) {
    const step = stepSwitchover(view, lease.switchover, leader, examined, standing)
    if (step.step !== 'wait') return draft('moving', step.command.reasons, [step.command])
    if (committing) {
      const reach = judgeReach(view, examined, leader)
      const wakeAt = Math.min(step.wakeAt, leader.wakeAt, reach.wakeAt ?? step.wakeAt)
      const reasons = [...reach.reasons, ...step.reasons]
      // Once its time has come it is the next move. Until then it holds no other one up.
      const isNext = lease.switchover.notBefore <= view.now && reach.commands.length > 0
      return { ...reach, ...(isNext && { condition: 'degraded', commands: [] }), reasons, wakeAt }
    }
    if (step.boundary) return { ...draft('degraded', [...step.reasons, ...leader.reasons]), wakeAt: step.wakeAt }
  }
  if (committing) return judgeReach(view, examined, leader)
  if (leader.state === 'waiting') return draft(leader.verified ? 'degraded' : 'moving', leader.reasons)
  if (leader.state === 'stalled' && shared)
    return draft('halted', [shared.reason, ...leader.reasons], [], [shared.reason])
  if (leader.state === 'stopped') {
    if (lease.mode === 'paused' && !isOrdered(view)) {
      const why = [reason('paused', { by: lease.modeBy }), ...leader.reasons]
      return draft('halted', why, [], why)
    }
    return draft('moving', leader.reasons, [
      { act: 'start', node: head.leader, term: head.term, reasons: leader.reasons },
    ])
  }
  const move = judgeMove(view, examined, leader, shared)
  const moving = move.commands.some(({ act }) => act === 'grant' || act === 'start')
  return draft(moving ? 'moving' : 'halted', move.reasons, move.commands, move.page)
}

/**
 * A node publishes without commits by an operator's order. Any grant would start a second chain beside its blocks, so
 * Baton only renews a leader that commits. The operator must end the override first.
 */
function decideOverridden(view: Ready): Draft | undefined {
  const overridden = overriddenNode(view.lease.quarantine)
  if (!overridden) return undefined
  const why = reason('overridden', { by: overridden.entry.by }, overridden.node)
  const leader = view.head.leader === '' ? undefined : judgeLeader(view, view.head)
  const committing = leader?.state === 'committing'
  const commands: Command[] = leader && committing ? keepHouse(view, leader).filter(({ act }) => act === 'renew') : []
  return draft(committing ? 'degraded' : 'halted', [why, ...(leader?.reasons ?? []), ...modeReasons(view)], commands, [
    why,
  ])
}

/** Does not arm a chain while one of its nodes may publish uncommitted blocks: Baton only observes. */
function decideUnarmed(view: Ready): Draft | undefined {
  const breakers = view.lease.armedAt === 0 ? promiseBreakers(view) : []
  if (breakers.length === 0) return undefined
  const reasons = [reason('not-armed'), ...breakers]
  return draft(view.head.leader === '' ? 'halted' : 'observing', reasons, [], reasons)
}

/** For a leader that commits on time: whether its blocks leave it, and whether every standby receives them. */
function judgeReach(view: Ready, examined: readonly Examined[], { reasons }: LeaderState): Draft {
  const isolation = isolatedLeader(view)
  if (!isolation) {
    const [few, cut] = [fewPeers(view), withoutPeers(view)]
    const building = builderReasons(view, view.head.leader)
    if (building.length > 0) {
      const { commands, reasons: why, wakeAt } = judgeBuilderMove(view, examined, building)
      const given = [...why, ...reasons, ...few, ...cut]
      return { ...draft(commands.length > 0 ? 'moving' : 'degraded', given, commands, cut), ...(wakeAt && { wakeAt }) }
    }
    return draft(few.length > 0 ? 'degraded' : 'ok', [...reasons, ...few, ...cut], [], cut)
  }
  const why = [isolation.reason]
  if (!isolation.alone) return draft('degraded', [...why, ...reasons], [], why)
  const move = judgeSoftMove(view, examined, why)
  const moving = move.commands.length > 0
  return draft(moving ? 'moving' : 'degraded', [...move.reasons, ...reasons], move.commands, move.page)
}

/** Renews the lease of a committing leader, and stops fenced sequencers. */
function keepHouse({ lease, head, policy, now, nodes, observed }: Ready, leader: LeaderState): Command[] {
  if (leader.state !== 'committing') return []
  const commands: Command[] = []
  // A renewal from the future is that of a clock that was ahead: it would stand for as long.
  const aged = Math.abs(now - lease.renewedAt) >= policy.leaseMs / 3
  const due = aged || lease.armedAt === 0 || lease.tried.length > 0
  if (due) commands.push({ act: 'renew', reasons: leader.reasons })
  for (const { name } of nodes) {
    const sample = observed[name]?.observation.consensus
    if (name === head.leader || !sample?.ok || !sample.value.sequencing) continue
    // While paused, stop only the sequencer that a switchover ordered in the pause left over: the order includes it.
    if (lease.mode === 'paused' && !(name === lease.previousLeader && movedInPause(lease))) continue
    commands.push({ act: 'stop', node: name, reasons: [reason('fenced-sequencing', {}, name)] })
  }
  return commands
}

function modeReasons({ lease }: Ready): Reason[] {
  if (lease.mode === 'paused') return [reason('paused', { by: lease.modeBy })]
  if (lease.mode === 'hold') return [reason('held', { by: lease.modeBy }, lease.leader)]
  return lease.armedAt === 0 ? [reason('not-armed')] : []
}

/** Reasons not among those already given. */
function notYetGiven(more: readonly Reason[], given: readonly Reason[]): Reason[] {
  return more.filter(({ code, node }) => !given.some((each) => each.code === code && each.node === node))
}

/** Why nodes are unusable as standbys: operators must know before one is needed. Quarantined nodes are known. */
function strangersOf({ nodes, observed, head, lease }: View, { sharedCause }: Draft): Reason[] {
  // Said once for all of them.
  if (sharedCause?.code === 'chain-reset') return []
  return nodes.flatMap(({ name }) => {
    const known = observed[name]
    if (!known || lease?.quarantine[name]) return []
    const reach = name === head?.leader ? [] : reachReasons(name, known)
    return [
      ...strangers(known.identity),
      ...promiseReasons(name, known),
      ...reach,
      ...(head && lease?.armedAt ? unwired(name, known) : []),
    ]
  })
}

function withCause(decided: Draft, shared: SharedCause | undefined): Draft {
  return shared ? { ...decided, sharedCause: shared.reason } : decided
}

function draft(
  condition: Decision['condition'],
  reasons: readonly Reason[],
  commands: readonly Command[] = [],
  page: readonly Reason[] = [],
): Draft {
  return { condition, commands, reasons, page }
}
