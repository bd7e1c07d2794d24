import { type Examined, isEligibleAgain, rank } from './candidates.ts'
import type { Command, Ready } from './decision.ts'
import { recentGrants } from './grant.ts'
import type { HolderState } from './holder.ts'
import { idleness, sequencingBehind, unstartable } from './idle.ts'
import { type Reason, reason } from './reason.ts'

/** Whether a time on the lease still binds. Further off than twice its length it is from a clock that was ahead. */
const binds = (until: number, now: number, ms: number) => until > now && until <= now + 2 * ms

/** What to do about a holder that does not commit: the next candidate, or why nobody is granted. */
export type Move = {
  readonly commands: readonly Command[]
  readonly reasons: readonly Reason[]
  readonly page: readonly Reason[]
}

/** Moves sequencing away from a failed holder, unless the operator, the budget or the nodes forbid it. */
export function judgeMove(view: Ready, examined: readonly Examined[], holder: HolderState): Move {
  const { head, lease, policy } = view
  const byOperator = !holder.verified && (lease.cause.code === 'switchover' || lease.cause.code === 'rolled-back')
  const hindrance = forbidden(view, byOperator) ?? (holder.state === 'stalled' ? tooEarly(view) : undefined)
  if (hindrance) {
    const { why, page } = hindrance
    return {
      commands: restart(view, holder),
      reasons: [why, ...holder.reasons],
      page: page ? [why, ...holder.reasons] : [],
    }
  }
  const next = rank(examined, head.holder, byOperator ? lease.previousHolder : undefined)[0]
  if (!next) return nobody(view, examined, holder)

  const rollBack = byOperator && next.name === lease.previousHolder
  const why = rollBack ? [reason('rolled-back', {}, next.name), ...holder.reasons] : holder.reasons
  const code = rollBack ? 'rolled-back' : (holder.reasons[0]?.code ?? 'stalled')
  const grant = {
    to: next.name,
    cause: { code, by: 'baton' },
    // A soft reason came this far only if the lease is over, or its end is none that binds.
    overLease: holder.state === 'gone' || lease.expiresAt > view.now,
    automatic: true,
    sameRound: !holder.verified,
    leaseMs: policy.leaseMs,
  } as const
  return { commands: [{ act: 'grant', grant, reasons: why }], reasons: why, page: [] }
}

/** What forbids Baton to move sequencing on its own, whatever the evidence. */
function forbidden({ lease, policy, now }: Ready, byOperator: boolean): { why: Reason; page: boolean } | undefined {
  if (lease.mode === 'hold') return { why: reason('held', { by: lease.modeBy }, lease.holder), page: true }
  if (byOperator) return undefined
  if (lease.mode === 'paused') return { why: reason('paused', { by: lease.modeBy }), page: true }
  if (binds(lease.cooldownUntil, now, policy.cooldownMs))
    return { why: reason('cooldown', { ms: lease.cooldownUntil - now }), page: true }
  const grants = recentGrants(lease, now).length
  if (grants < policy.budgetPerHour) return undefined
  return { why: reason('budget-used', { grants, budget: policy.budgetPerHour }), page: true }
}

/** Soft reasons wait for the lease to end, and for a while after the last move. */
function tooEarly({ lease, policy, now }: Ready): { why: Reason; page: boolean } | undefined {
  if (binds(lease.expiresAt, now, policy.leaseMs))
    return { why: reason('lease-running', { ms: lease.expiresAt - now }), page: false }
  const ageMs = now - lease.grantedAt
  const settled = lease.grants.length === 0 || !binds(lease.grantedAt + policy.holdMs, now, policy.holdMs)
  return settled ? undefined : { why: reason('hold-time', { ageMs, holdMs: policy.holdMs }), page: false }
}

/** No candidate is left: begin a cool-down if that is because all were tried, and keep trying the holder. */
function nobody(view: Ready, examined: readonly Examined[], holder: HolderState): Move {
  const { lease, policy, now } = view
  const exhausted = lease.tried.length > 0 && examined.some(isEligibleAgain)
  const why = reason(exhausted ? 'all-failed' : 'no-candidate')
  const reasons = [why, ...holder.reasons]
  const coolDown: Command[] = exhausted ? [{ act: 'cool-down', until: now + policy.cooldownMs, reasons }] : []
  return { commands: [...coolDown, ...restart(view, holder)], reasons, page: reasons }
}

/** A holder nobody may replace is at least started again when it can be reached. */
function restart(view: Ready, holder: HolderState): Command[] {
  const { head, lease, trails, now } = view
  const trail = trails[head.holder]
  if (!trail || (lease.mode === 'paused' && holder.verified) || unstartable(view, head)) return []
  const idle = trail.observation.execution.ok && (idleness(view, head) ?? sequencingBehind(view, head)) !== undefined
  // Our clock may have been set back since.
  const rested = trail.failedStart?.term !== head.term || Math.abs(now - trail.failedStart.at) >= 1_000
  return idle && rested ? [{ act: 'start', node: head.holder, term: head.term, reasons: holder.reasons }] : []
}
