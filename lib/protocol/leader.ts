import type { ObservationWindow, View } from './decision.ts'
import { failureReason } from './fitness.ts'
import { isSilence } from './observation.ts'
import { pollTimesOf } from './policy.ts'
import { type Reason, reason } from './reason.ts'
import type { Head } from './records.ts'
import { isStartSpent, noEffect, seriesKey } from './series.ts'
import { shortLeader } from './short.ts'
import { reasonToStart, sequencingBehind, startBlocker } from './start-conditions.ts'

/** How the leader of the current term is doing. */
export type LeaderState = {
  /**
   * `committing`: on time. `waiting`: nothing to blame it for yet. `stopped`: reachable, sequencer off.
   * `gone`: proof enough to replace it at once. `stalled`: no block although all answers; a soft reason.
   */
  readonly state: 'committing' | 'waiting' | 'stopped' | 'gone' | 'stalled'
  /** Whether this term has committed a block yet. */
  readonly verified: boolean
  readonly reasons: readonly Reason[]
  /** When the next look is worth it (Unix ms). */
  readonly wakeAt: number
}

/** A leader that refused to start is started again after this long, if it is still the leader then. */
const RESTART_MS = 1_000
/** While a first commit is not even due, the leader is looked at as seldom as one that commits. */
const POLL_MS = 1_000

/**
 * When the head's successor is due (Unix ms): a chain that catches up is judged by its commits, not its
 * timestamps. A fence counts until the first commit after it: its time is a monitor's, whose clock may be ahead.
 */
export function nextDue(head: Head, blockTimeMs: number): number {
  const fencedAt = head.committedTerm === head.term ? 0 : head.fencedAt
  return Math.max(Number(head.timestamp) * 1000, head.committedAt, fencedAt) + blockTimeMs
}

/** After a planned switchover the target, fit and at the head, must commit within this many slots of the last commit. */
const PLANNED_SLOTS = 1.4

/**
 * How long a granted node has for its first commit (ms). After a failover it may have to catch up first; in
 * a planned switchover the former leader waits to go on, and at most one slot may be missed.
 */
export function firstCommitMs({ policy, lease }: Pick<View, 'policy' | 'lease'>, head: Head): number {
  const { blockTimeMs, verifyMs } = policy
  const elapsedMs = head.fencedAt - head.committedAt
  const planned = lease?.term === head.term && lease.cause.code === 'switchover' && lease.previousLeader !== ''
  const { plannedMs } = pollTimesOf(policy)
  if (!planned || elapsedMs < 0 || elapsedMs > Math.max(blockTimeMs, plannedMs)) return verifyMs
  return Math.min(verifyMs, Math.max(PLANNED_SLOTS * blockTimeMs - elapsedMs, plannedMs))
}

/**
 * From when on a first commit is awaited (Unix ms): from the fence, or, on a head whose own time is yet to come, such
 * as the genesis of a chain that begins later, from the moment its child is due. Both clocks must say so: that of who
 * wrote the head, and ours.
 */
function awaitedFrom({ now, policy, headSeenAt }: View, head: Head): number {
  const seenAt = headSeenAt ?? Math.max(head.committedAt, head.fencedAt)
  const stampedAt = Number(head.timestamp) * 1_000
  const due = stampedAt + policy.blockTimeMs
  return stampedAt > head.committedAt + policy.blockTimeMs && stampedAt > Math.min(seenAt, now) ? due : seenAt
}

/** Judges the leader by its commits first and by looks at it second. */
export function judgeLeader(view: View, head: Head): LeaderState {
  const { now, policy } = view
  const { watchMs, confirmMs, skewMs } = pollTimesOf(policy)
  const verified = head.committedTerm === head.term
  const seenMs = now - (view.headSeenAt ?? Math.max(head.committedAt, head.fencedAt))
  const due = nextDue(head, policy.blockTimeMs)
  const awaited = awaitedFrom(view, head)
  const late = verified
    ? now > due + policy.slackMs || seenMs > policy.blockTimeMs + policy.slackMs + skewMs
    : now - awaited > firstCommitMs(view, head)
  const stalled = late && seenMs >= policy.stallMs + policy.blockTimeMs
  const overdue = { number: String(head.number + 1n), lateMs: now - due }
  const judged = (state: LeaderState['state'], reasons: readonly Reason[], wakeAt: number): LeaderState => ({
    state,
    verified,
    reasons,
    wakeAt,
  })

  const dead = deathOf(view, head, late || !verified)
  if (dead) {
    const reasons = verified && late ? [...dead.reasons, reason('late', overdue, head.leader)] : dead.reasons
    // One that answers now and then is not gone, but nothing comes of it either.
    const state = dead.settled ? 'gone' : stalled ? 'stalled' : 'waiting'
    return judged(state, reasons, now + (dead.settled ? watchMs : confirmMs))
  }

  if (late && !view.nodes.some(({ name }) => name === head.leader)) {
    return judged('gone', [reason('not-configured', {}, head.leader)], now + watchMs)
  }
  if (!verified && late) {
    return judged('gone', [reason('no-first-commit', { ageMs: now - head.fencedAt }, head.leader)], now + watchMs)
  }
  // One that seals beside the head it was given is helped as soon as its block is late.
  const off = reasonToStart(view, head) ?? (late && !stalled ? sequencingBehind(view, head) : undefined)
  const short = off || (!late && verified) ? undefined : shortLeader(view, head.leader)
  const obstacle = off ? startBlocker(view, head) : short?.certain ? short : undefined
  if (obstacle) {
    const { certain, why } = obstacle
    return judged(certain ? 'gone' : 'waiting', [why], now + (certain ? watchMs : confirmMs))
  }
  if (off) {
    const failed = failedLately(view, head)
    return failed ? judged('gone', [failed], now + watchMs) : judged('stopped', [off], now + watchMs)
  }
  if (!late && verified) {
    const why = reason('committing', { number: String(head.number) }, head.leader)
    return judged('committing', [why], due + policy.slackMs + 1)
  }
  if (!late) {
    const starting = reason('starting', { ageMs: now - head.fencedAt }, head.leader)
    if (awaited <= now) return judged('waiting', [starting], now + watchMs)
    const notDue = reason('not-due', { number: overdue.number, dueMs: awaited - now }, head.leader)
    return judged('waiting', [notDue, starting], Math.max(now + watchMs, Math.min(awaited, now + POLL_MS)))
  }
  if (stalled) {
    return judged('stalled', [reason('stalled', { ageMs: seenMs }, head.leader)], now + watchMs)
  }
  return judged('waiting', [reason('late', overdue, head.leader)], now + watchMs)
}

/** Why starting the leader is no use for now: it refused, and rests; or its starts took, and no block came of them. */
function failedLately(view: View, { leader, term }: Head): Reason | undefined {
  const series = view.acts?.[seriesKey('start', leader)]
  if (series && isStartSpent(view, leader)) return noEffect(series)
  const failed = view.observed[leader]?.failedStart
  if (failed?.term !== term) return undefined
  // For as long as the series runs no block came of it; whether it is tried again is decided where no other can lead.
  return series || Math.abs(view.now - failed.at) < RESTART_MS
    ? reason('start-failed', { message: failed.message }, leader)
    : undefined
}

/**
 * Proof that the leader is gone: a client refuses connections (settled at once when a block is late, else by a
 * second look, unless a block came meanwhile: then it was somebody before it that refused), or it lets enough looks
 * pass without a word of its own while a block is late. A proxy's error is no such word. Credentials, missing
 * methods and strange errors speak of us as much as of the node and prove nothing.
 */
function deathOf(view: View, head: Head, late: boolean): { settled: boolean; reasons: Reason[] } | undefined {
  const known = view.observed[head.leader]
  if (!known) return undefined
  const { consensus, execution } = known.observation
  const reasons = [
    ...failureReason('consensus', consensus, known.consensus, head.leader, view.now),
    ...failureReason('execution', execution, known.execution, head.leader, view.now),
    ...(known.consensus.result === 'identity' ? (known.identity?.hard ?? []) : []),
  ]
  const windows = [known.consensus, known.execution]
  const refused = windows.filter(({ result }) => result === 'refused')
  // Behind its name a stranger answers: of the leader itself that says nothing, as long as blocks come.
  const silent = windows.filter(
    ({ result }) => result !== 'ok' && (isSilence(result) || (late && result === 'identity')),
  )
  if (refused.length + silent.length === 0) return undefined
  const settled =
    (late && (refused.length > 0 || silent.some(({ samples }) => samples >= view.policy.silentLooks))) ||
    refused.some((window) => window.samples > 1 && !committedSince(view, head, window))
  return { settled, reasons }
}

/** Whether the head moved after a series of looks began. The head of the first one's turn is read just after it. */
function committedSince({ headSeenAt, policy }: View, head: Head, { since }: ObservationWindow): boolean {
  return (headSeenAt ?? head.committedAt) > since + pollTimesOf(policy).confirmMs
}
