import { decideBootstrap } from './bootstrap.ts'
import { type Examined, examineAll, rank } from './candidates.ts'
import type { Command, Decision, Ready, Verdict, View } from './decision.ts'
import { decideContradiction } from './follow-l1.ts'
import { type HolderState, judgeHolder } from './holder.ts'
import { judgeL1 } from './judge-l1.ts'
import { judgeMove } from './move.ts'
import { type Reason, reason } from './reason.ts'
import { findSharedCause, type SharedCause } from './shared-cause.ts'
import { stepSwitchover } from './switchover.ts'
import { lookAgain } from './taken-back.ts'
import { verdictOf } from './verdict.ts'

type Draft = Omit<Decision, 'verdicts'>

/**
 * What Baton would do now, and why not something else. Pure: monitor, `explain`, dry run and
 * simulation all call this. One step at a time is decided from what is recorded, so whoever runs
 * next finishes what an earlier run left half done.
 */
export function decide(view: View): Decision {
  const examined = examineAll(view)
  const { head, lease } = view
  const draft =
    repairRecords(view) ?? (head && lease ? decideTerm({ ...view, head, lease }, examined) : decideBootstrap(view))
  const verdicts: Verdict[] = examined.map((one) => verdictOf(view, one, draft.condition))
  const l1 = judgeL1(view)
  if (!l1) return { ...draft, verdicts }
  const condition = draft.condition === 'ok' && l1.page.length > 0 ? 'degraded' : draft.condition
  return { ...draft, condition, page: [...draft.page, ...l1.page], verdicts, l1 }
}

/** Head and lease must name the same term before anything else is decided. */
function repairRecords({ head, lease }: View): Draft | undefined {
  const repair = (command: Command): Draft => draft('moving', command.reasons, [command])
  if (!head) return lease && draft('halted', [reason('head-missing')], [], [reason('head-missing')])
  if (!lease) return repair({ act: 'seed-lease', head, reasons: [reason('lease-missing')] })
  const terms = { term: lease.term, headTerm: head.term }
  if (lease.term > head.term) {
    return repair({ act: 'fence', node: lease.holder, term: lease.term, reasons: [reason('fence-pending', terms)] })
  }
  return lease.term < head.term ? repair({ act: 'follow-head', reasons: [reason('lease-behind', terms)] }) : undefined
}

/** Decides about an effective term: leave it, renew it, start its holder, or grant the next. */
function decideTerm(view: Ready, examined: readonly Examined[]): Draft {
  const contradicted = decideContradiction(view)
  if (contradicted) return contradicted
  const shared = findSharedCause(view)
  if (view.head.holder === '') {
    const first = decideFirstGrant(view, examined, shared)
    return withCause({ ...first, commands: [...first.commands, ...lookAgain(view, shared)] }, shared)
  }
  const holder = judgeHolder(view, view.head)
  const { condition, commands, reasons, page, wakeAt } = decideHolder(view, examined, holder, shared)
  const alone = condition === 'ok' && view.nodes.length > 1 && rank(examined, view.head.holder).length === 0
  const draft: Draft = {
    condition: condition === 'ok' && (alone || shared?.blocks === 'all') ? 'degraded' : condition,
    commands: [...commands, ...keepHouse(view, holder), ...lookAgain(view, shared)],
    reasons: [...reasons, ...(alone ? [reason('no-candidate')] : []), ...untold(modeReasons(view), reasons)],
    page: [
      ...(shared?.blocks === 'all' ? [shared.reason] : []),
      ...page,
      ...forks(view, examined),
      ...(view.unexplained ? [view.unexplained] : []),
    ],
    wakeAt: wakeAt ?? holder.wakeAt,
  }
  return withCause(draft, shared)
}

/** Nodes with another block at a committed height: somebody published it without a commit. Not of those put aside for it. */
function forks({ lease }: Ready, examined: readonly Examined[]): Reason[] {
  return examined.flatMap(({ node, fitness }) =>
    lease.quarantine[node.name] ? [] : fitness.hard.filter(({ code }) => code === 'forked'),
  )
}

function decideHolder(view: Ready, examined: readonly Examined[], holder: HolderState, shared?: SharedCause): Draft {
  const { lease, head } = view
  const committing = holder.state === 'committing'
  if (shared?.blocks === 'all') return draft(committing ? 'ok' : 'halted', [shared.reason, ...holder.reasons])
  if (lease.switchover) {
    const step = stepSwitchover(view, lease.switchover, holder, examined)
    if (step.step !== 'wait') return draft('moving', step.command.reasons, [step.command])
    if (committing)
      return { ...draft('ok', [...holder.reasons, ...step.reasons]), wakeAt: Math.min(step.wakeAt, holder.wakeAt) }
  }
  if (committing) return draft('ok', holder.reasons)
  if (holder.state === 'waiting') return draft(holder.verified ? 'degraded' : 'moving', holder.reasons)
  if (holder.state === 'stalled' && shared)
    return draft('halted', [shared.reason, ...holder.reasons], [], [shared.reason])
  if (holder.state === 'stopped') {
    if (lease.mode === 'paused' && holder.verified)
      return draft('halted', [reason('paused', { by: lease.modeBy }), ...holder.reasons])
    return draft('moving', holder.reasons, [
      { act: 'start', node: head.holder, term: head.term, reasons: holder.reasons },
    ])
  }
  const move = judgeMove(view, examined, holder)
  const moving = move.commands.some(({ act }) => act === 'grant' || act === 'start')
  return draft(moving ? 'moving' : 'halted', move.reasons, move.commands, move.page)
}

/** A request that is due within this time names who is granted first, as a cold start does. */
const SOON_MS = 5_000

/** A seeded head nobody holds yet: grant it to whom the operator named, else to the best node. */
function decideFirstGrant(view: Ready, examined: readonly Examined[], shared?: SharedCause): Draft {
  const { lease, policy } = view
  if (shared?.blocks === 'all') return draft('halted', [shared.reason], [], [shared.reason])
  // One for tonight does not leave the chain without a holder until then.
  if (lease.switchover && lease.switchover.notBefore <= view.now + SOON_MS) {
    const step = stepSwitchover(view, lease.switchover, undefined, examined)
    return step.step === 'wait'
      ? draft('observing', step.reasons)
      : draft('moving', step.command.reasons, [step.command])
  }
  if (lease.mode !== 'auto') return draft('halted', modeReasons(view))
  const first = rank(examined, '', lease.previousHolder)[0]
  if (!first) return draft('halted', [reason('no-candidate')], [], [reason('no-candidate')])
  const cause = { code: 'bootstrap', by: 'baton' } as const
  const why = [reason('eligible', { lag: '0', priority: first.priority }, first.name)]
  const grant = { to: first.name, cause, overLease: true, automatic: false, sameRound: false, leaseMs: policy.leaseMs }
  return draft('moving', why, [{ act: 'grant', grant, reasons: why }])
}

/** Renewing the lease of a holder that commits, and stopping sequencers that were fenced. */
function keepHouse({ lease, head, policy, now, nodes, trails }: Ready, holder: HolderState): Command[] {
  if (holder.state !== 'committing') return []
  const commands: Command[] = []
  const due = now - lease.renewedAt >= policy.leaseMs / 3 || lease.armedAt === 0 || lease.tried.length > 0
  if (due) commands.push({ act: 'renew', reasons: holder.reasons })
  if (lease.mode === 'paused') return commands
  for (const { name } of nodes) {
    const look = trails[name]?.observation.consensus
    if (name === head.holder || !look?.ok || !look.value.sequencing) continue
    commands.push({ act: 'stop', node: name, reasons: [reason('fenced-sequencing', {}, name)] })
  }
  return commands
}

function modeReasons({ lease }: Ready): Reason[] {
  if (lease.mode === 'paused') return [reason('paused', { by: lease.modeBy })]
  if (lease.mode === 'hold') return [reason('held', { by: lease.modeBy }, lease.holder)]
  return lease.armedAt === 0 ? [reason('not-armed')] : []
}

/** Those not among the reasons given already. */
function untold(more: readonly Reason[], told: readonly Reason[]): Reason[] {
  return more.filter(({ code }) => !told.some((each) => each.code === code))
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
