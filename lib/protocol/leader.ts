import type { ObservationWindow, View } from './decision.ts'
import { failureReason } from './fitness.ts'
import { isSilence } from './observation.ts'
import { clocksCount, pollTimesOf } from './policy.ts'
import { type Reason, reason } from './reason.ts'
import type { Head } from './records.ts'
import { isStartSpent, noEffect, seriesKey } from './series.ts'
import { shortLeader } from './short.ts'
import { reasonToStart, sequencingBehind, startBlocker } from './start-conditions.ts'

/** How the leader of the current term is doing. */
export type LeaderState = {
  /**
   * `committing`: on time. `waiting`: no fault proved yet. `stopped`: reachable, sequencer off.
   * `gone`: proof enough to replace it at once. `stalled`: no block although everything answers; a soft reason.
   */
  readonly state: 'committing' | 'waiting' | 'stopped' | 'gone' | 'stalled'
  /** Whether this term has committed a block yet. */
  readonly verified: boolean
  readonly reasons: readonly Reason[]
  /** When the next observation is due (Unix ms). */
  readonly wakeAt: number
}

/** A leader that refused to start gets another start after this long, if it is still the leader. */
const RESTART_MS = 1_000
/** Clocks that differ by more are reported: a block that is later than this is late by any of them. */
const SKEW_MS = 1_000
/** Before a first commit is due, the leader is observed as seldom as a committing one. */
const POLL_MS = 1_000

/**
 * When the head's successor is due (Unix ms). A chain that catches up is judged by its commits, not its timestamps.
 * A fence counts only until the first commit after it: its time comes from a monitor, whose clock may be ahead.
 */
export function nextDue(head: Head, blockTimeMs: number): number {
  const fencedAt = head.committedTerm === head.term ? 0 : head.fencedAt
  return Math.max(Number(head.timestamp) * 1000, head.committedAt, fencedAt) + blockTimeMs
}

/** A planned switchover's target is fit and at the head: it must commit within this many slots of the last commit. */
const PLANNED_SLOTS = 1.4

/**
 * How long a granted node has for its first commit (ms). After a failover it may have to catch up first. In a planned
 * switchover the former leader is ready to continue, and at most one slot may be missed.
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
 * When the wait for a first commit starts (Unix ms): at the fence. On a head stamped in the future, such as the genesis
 * of a chain that begins later, it starts when the head's child is due. Both clocks must agree that the stamp is in the
 * future: ours, and that of the head's writer.
 */
function awaitedFrom({ now, policy, headSeenAt }: View, head: Head): number {
  const seenAt = headSeenAt ?? Math.max(head.committedAt, head.fencedAt)
  const stampedAt = Number(head.timestamp) * 1_000
  const due = stampedAt + policy.blockTimeMs
  return stampedAt > head.committedAt + policy.blockTimeMs && stampedAt > Math.min(seenAt, now) ? due : seenAt
}

/**
 * Whether the leader has just taken all the blocks it lacked, and its sequencer was started: a start may take longer
 * than a first commit. It then has as long as a stall. Only the first start of a term gives it that time, and no start
 * of a planned switchover: there the former leader is ready to continue.
 */
function hasJustStarted(view: View, head: Head): boolean {
  const { acts, observed, now, policy } = view
  const start = acts?.[seriesKey('start', head.leader)]
  if (start?.term !== head.term || start.count > 1 || observed[head.leader]?.failedStart?.term === head.term)
    return false
  return firstCommitMs(view, head) === policy.verifyMs && start.last <= now && now - start.last < policy.stallMs
}

/** Judges the leader by its commits first and by observations second. */
export function judgeLeader(view: View, head: Head): LeaderState {
  const { now, policy } = view
  const { watchMs, confirmMs, skewMs } = pollTimesOf(policy)
  const verified = head.committedTerm === head.term
  const seenMs = now - (view.headSeenAt ?? Math.max(head.committedAt, head.fencedAt))
  const due = nextDue(head, policy.blockTimeMs)
  const awaited = awaitedFrom(view, head)
  const late = verified
    ? now > due + policy.slackMs || seenMs > policy.blockTimeMs + policy.slackMs + skewMs
    : now - awaited > firstCommitMs(view, head) && !hasJustStarted(view, head)
  // Our clock may be ahead: what a cut connection also explains counts only once the block is late by our own watch.
  const { blockTimeMs, slackMs } = policy
  const surely = late && (!verified || seenMs > blockTimeMs || now > due + slackMs + SKEW_MS)
  const stalled = late && seenMs >= policy.stallMs + policy.blockTimeMs
  const overdue = { number: String(head.number + 1n), lateMs: now - due }
  const judged = (state: LeaderState['state'], reasons: readonly Reason[], wakeAt: number): LeaderState => ({
    state,
    verified,
    reasons,
    wakeAt,
  })

  const dead = deathOf(view, head, late || !verified, surely || !verified)
  if (dead) {
    const reasons = verified && late ? [...dead.reasons, reason('late', overdue, head.leader)] : dead.reasons
    // A leader that answers now and then is not gone, but it makes no progress either.
    const state = dead.settled ? 'gone' : stalled ? 'stalled' : 'waiting'
    return judged(state, reasons, now + (dead.settled ? watchMs : confirmMs))
  }

  if (late && !view.nodes.some(({ name }) => name === head.leader)) {
    return judged('gone', [reason('not-configured', {}, head.leader)], now + watchMs)
  }
  if (!verified && late) {
    return judged('gone', [reason('no-first-commit', { ageMs: now - head.fencedAt }, head.leader)], now + watchMs)
  }
  // A leader that seals beside the head it was given gets help as soon as its block is late.
  const off =
    reasonToStart(view, head) ??
    ((clocksCount(policy) ? late : surely) && !stalled ? sequencingBehind(view, head) : undefined)
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

/** Why a start would not help now: the leader refused one and rests, or its starts succeeded without a block. */
function failedLately(view: View, { leader, term }: Head): Reason | undefined {
  const series = view.acts?.[seriesKey('start', leader)]
  if (series && isStartSpent(view, leader)) return noEffect(series)
  const failed = view.observed[leader]?.failedStart
  if (failed?.term !== term) return undefined
  // While the series runs, its starts have produced no block. Where no other node can lead, move.ts decides on a retry.
  return series || Math.abs(view.now - failed.at) < RESTART_MS
    ? reason('start-failed', { message: failed.message }, leader)
    : undefined
}

/**
 * Proof that the leader is gone: a client refuses connections, or stays silent for enough samples while a block is
 * late, `surely` even if our clock is ahead. A refusal counts at once when a block is late, otherwise after a second
 * sample. If a block comes in between, something in front of the leader refused. A proxy's error counts as silence.
 * Credentials, missing methods and unknown errors may be our own fault and prove nothing.
 */
function deathOf(
  view: View,
  head: Head,
  late: boolean,
  surely: boolean,
): { settled: boolean; reasons: Reason[] } | undefined {
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
  // A stranger that answers behind the leader's name says nothing about the leader as long as blocks come.
  const silent = windows.filter(
    ({ result }) => result !== 'ok' && (isSilence(result) || (surely && result === 'identity')),
  )
  if (refused.length + silent.length === 0) return undefined
  const settled =
    (late && refused.length > 0) ||
    (surely && silent.some(({ samples }) => samples >= view.policy.silentLooks)) ||
    refused.some((window) => window.samples > 1 && !committedSince(view, head, window))
  return { settled, reasons }
}

/** Whether the head moved after a run of samples began. The head of the first turn is read just after its sample. */
function committedSince({ headSeenAt, policy }: View, head: Head, { since }: ObservationWindow): boolean {
  return (headSeenAt ?? head.committedAt) > since + pollTimesOf(policy).confirmMs
}
