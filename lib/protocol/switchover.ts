import { type Examined, rank } from './candidates.ts'
import type { Command, View } from './decision.ts'
import type { LeaderState } from './leader.ts'
import { nextDue } from './leader.ts'
import { boundBy, isScheduled, latestOf } from './orders.ts'
import { clocksCount } from './policy.ts'
import { type Reason, reason, renderReason } from './reason.ts'
import type { Head, Lease, NodeName, Switchover } from './records.ts'

/** The next step of a pending switchover. */
export type SwitchoverStep =
  | { readonly step: 'wait'; readonly reasons: Reason[]; readonly wakeAt: number; readonly boundary?: true }
  | { readonly step: 'go' | 'refuse'; readonly command: Command }

/** A switchover starts within this share of a slot after a commit: the rest is for the new leader's first block. */
const BOUNDARY_SHARE = 0.35
/** How often Baton polls for the awaited commit. */
const BOUNDARY_POLL_MS = 25

/**
 * Decides an operator's switchover: drop one that a later order binds or whose time has passed, refuse an unfit target,
 * wait for the block boundary, then grant.
 *
 * @param standing the current page: a scheduled switchover does not begin while one stands.
 */
export function stepSwitchover(
  view: View & { head: Head; lease: Lease },
  switchover: Switchover,
  leader: LeaderState | undefined,
  examined: readonly Examined[],
  standing: readonly Reason[] = [],
): SwitchoverStep {
  const { now, policy, lease } = view
  const asked = reason('switchover', { by: switchover.by, id: switchover.id }, switchover.to)
  const bound = boundBy(lease, switchover)
  if (bound) return refuse(switchover, `it was asked for before: ${renderReason(bound)}`)
  const latest = latestOf(switchover)
  if (now > latest) return refuse(switchover, tooLate(switchover, now, standing))
  if (switchover.notBefore > now) {
    const scheduled = reason('switchover-scheduled', { ms: switchover.notBefore - now })
    return { step: 'wait', reasons: [scheduled], wakeAt: switchover.notBefore }
  }
  const [page] = standing
  if (page && isScheduled(switchover)) {
    const waits = reason('switchover-waits', { by: switchover.by, ms: latest - now }, switchover.to)
    return { step: 'wait', reasons: [page, waits], wakeAt: latest }
  }
  const target = pickTarget(view, switchover, examined)
  if ('refused' in target) return refuse(switchover, target.refused)
  const boundary = leader && beats(view, leader) ? awaitBoundary(view) : undefined
  if (boundary) return { step: 'wait', reasons: [boundary.reason, asked], wakeAt: boundary.wakeAt, boundary: true }
  const { by, id, order } = switchover
  const cause = { code: 'switchover', by, id, ...(order !== undefined && { order }) } as const
  const terms = { overLease: true, automatic: false, sameRound: false, leaseMs: policy.leaseMs }
  return { step: 'go', command: { act: 'grant', grant: { to: target.to, cause, ...terms }, reasons: [asked] } }
}

/**
 * Whether a move should wait for the next commit, and when to look for it. A commit that came between two reads in quick
 * succession is the boundary whatever the clocks say. Only on long slots its time by the gate's clock is good enough.
 */
export function awaitBoundary({
  now,
  policy,
  head,
  headJustCame,
}: View & { head: Head }): { readonly reason: Reason; readonly wakeAt: number } | undefined {
  const byClock = clocksCount(policy)
  if (headJustCame || (byClock && now - head.committedAt <= policy.blockTimeMs * BOUNDARY_SHARE)) return undefined
  const due = nextDue(head, policy.blockTimeMs)
  return {
    reason: reason('block-boundary', { ms: Math.max(0, due - now) }),
    wakeAt: byClock ? Math.max(due, now + BOUNDARY_POLL_MS) : now + BOUNDARY_POLL_MS,
  }
}

/**
 * Whether the leader's next commit is worth waiting for. On short slots a leader may seem late only because our clock is
 * ahead of its gate's: its last block came in time by our own clock alone.
 */
function beats({ policy, now, headSeenAt = 0 }: View, { state, verified, reasons }: LeaderState): boolean {
  if (state === 'committing') return true
  const { blockTimeMs, slackMs } = policy
  const inTime = !clocksCount(policy) && now - headSeenAt <= blockTimeMs + slackMs
  return state === 'waiting' && verified && inTime && reasons[0]?.code === 'late'
}

function refuse({ to = 'any', by }: Switchover, message: string): SwitchoverStep {
  const refused = reason('switchover-refused', { target: to, message, by })
  return { step: 'refuse', command: { act: 'refuse-switchover', reasons: [refused] } }
}

function tooLate({ notBefore, askedAt = notBefore }: Switchover, now: number, [page]: readonly Reason[]): string {
  const late = `its time has passed ${Math.round((now - Math.max(notBefore, askedAt)) / 1_000)} s ago`
  return page ? `${late}, and a page stands: ${renderReason(page)}` : late
}

/** A drift may be intended, but the operator must confirm it. */
const mustInsist = (drift: Reason): string => `${renderReason(drift)}; --force moves there all the same`

/** Blocks the chain may have grown by since a node was observed: they say nothing about how far it is behind. */
function grownSince({ observed, now, policy }: View, node: NodeName): bigint {
  const ageMs = now - (observed[node]?.observation.at ?? now)
  return BigInt(Math.floor(Math.max(0, ageMs) / policy.blockTimeMs))
}

function pickTarget(
  view: View & { head: Head },
  { to, force }: Switchover,
  examined: readonly Examined[],
): { to: NodeName } | { refused: string } {
  const { head, policy } = view
  if (to === undefined) {
    const best = rank(examined, head.leader)[0]
    if (!best) return { refused: 'no other node is eligible' }
    const [drift] = examined.find(({ node }) => node.name === best.name)?.fitness.drift ?? []
    return drift ? { refused: mustInsist(drift) } : { to: best.name }
  }
  if (to === head.leader) return { refused: 'it already holds the head' }
  const named = examined.find(({ node }) => node.name === to)
  if (!named) return { refused: 'no such node is configured' }
  const { hard, soft, drift = [], lag = 0n } = named.fitness
  const first = hard[0] ?? (force ? undefined : soft.find(({ code }) => code !== 'no-failover'))
  if (first) return { refused: renderReason(first) }
  if (drift[0] && !force) return { refused: mustInsist(drift[0]) }
  if (!force && lag > policy.maxSwitchoverLag + grownSince(view, to))
    return { refused: `${lag} blocks behind; it could not take over within a slot` }
  return { to }
}
