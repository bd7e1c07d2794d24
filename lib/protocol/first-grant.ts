import { type Examined, rank } from './candidates.ts'
import type { Decision, Ready } from './decision.ts'
import { coolingDown, nobodyLeft } from './move.ts'
import { type Reason, reason } from './reason.ts'
import type { SharedCause } from './shared-cause.ts'
import { stepSwitchover } from './switchover.ts'

type Draft = Omit<Decision, 'verdicts'>

/** A request that is due within this time names who is granted first, as a cold start does. */
const SOON_MS = 5_000

/** A head that no node holds yet: grant it to the node the operator named, else to the best one. */
export function decideFirstGrant(
  view: Ready,
  examined: readonly Examined[],
  shared: SharedCause | undefined,
  standing: readonly Reason[],
): Draft {
  const { lease, policy } = view
  if (shared?.blocks === 'all') return halted([shared.reason])
  // One for tonight does not leave the chain without a leader until then.
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
    const left = nobodyLeft(view, examined, [])
    return { condition: 'halted', ...left }
  }
  const cause = { code: 'bootstrap', by: 'baton' } as const
  const why = [reason('eligible', { lag: '0', priority: first.priority }, first.name)]
  const grant = { to: first.name, cause, overLease: true, automatic: false, sameRound: false, leaseMs: policy.leaseMs }
  return { condition: 'moving', commands: [{ act: 'grant', grant, reasons: why }], reasons: why, page: [] }
}

const halted = (why: readonly Reason[]): Draft => ({ condition: 'halted', commands: [], reasons: why, page: why })
