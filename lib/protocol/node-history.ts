import type { ObservedNode, View } from './decision.ts'
import type { ExecutionView, Observation } from './observation.ts'
import { type Reason, reason } from './reason.ts'
import type { NodeName } from './records.ts'

/** A node over several observations: what a single one cannot show. Times are those of the observations (Unix ms). */
export type NodeHistory = {
  /** The newest block its execution client last reported. */
  readonly latest?: bigint
  /** The highest block its execution client ever reported as its newest. */
  readonly peak?: bigint
  /** Since when it is behind the committed head without executing a block. */
  readonly stillSince?: number
  /** Since when its two clients name different chains. */
  readonly apartSince?: number
  /**
   * Since when, and for how many samples, its execution client stands below the newest block op-node names. No samples:
   * they agree again, and the node has yet to get back to the head.
   */
  readonly short?: { readonly since: number; readonly looks: number }
  /** The sync status its execution client last reported, and since when it is unchanged. */
  readonly sync?: {
    readonly mark: string
    readonly since: number
    /** Earlier positions, which measure its pace. The newer one replaces the older in time. */
    readonly from?: SyncedTo
    readonly newer?: SyncedTo
  }
  /** Consecutive samples with a block stored right above the same newest one. */
  readonly storedSamples: number
  /** When its consensus client was found to have ended, in the last minutes only. */
  readonly ends: readonly number[]
}

/** The block a sync had reached (Unix ms). */
type SyncedTo = { readonly at: number; readonly current: bigint }

/** The pace of a sync is its progress over the last one or two spans of this length (ms). */
const PACE_MS = 300_000
/** Less than this shows no pace yet (ms). */
const LEAST_PACE_MS = 10_000

/** The consensus client may be ahead of the execution client by the block it is inserting. */
export const APART = 2n
/** Ends of a process within this time have one cause. */
export const LOOP_MS = 120_000

/** Adds an observation to a node's history. */
export function followNode(
  known: NodeHistory | undefined,
  before: Observation | undefined,
  now: Observation,
): NodeHistory {
  const { consensus, execution, at } = now
  const ended = before?.consensus.ok === true && !consensus.ok && consensus.failure === 'refused'
  const ends = (known?.ends ?? []).filter((when) => at - when < LOOP_MS)
  const latest = execution.ok ? execution.value.latest.number : known?.latest
  const peak = latest !== undefined && latest > (known?.peak ?? -1n) ? latest : known?.peak
  // An unanswered sample shows nothing of where the node stands: keep the earlier state.
  const sync = execution.ok ? syncOf(known, execution.value, at) : known?.sync
  // A snap-syncing client executes nothing for hours: its progress shows elsewhere.
  const moved = sync?.mark !== known?.sync?.mark
  const still = execution.ok ? isBehind(now) && known?.latest === latest && !moved : known?.stillSince !== undefined
  const apart = consensus.ok && execution.ok ? areApart(now) && !moved : known?.apartSince !== undefined
  const short =
    consensus.ok && execution.ok ? shortOf(known, now, { latest: execution.value.latest.number, peak }) : known?.short
  const stillSince = still ? (known?.stillSince ?? at) : undefined
  const apartSince = apart ? (known?.apartSince ?? at) : undefined
  return {
    storedSamples: countStored(known, execution),
    ends: ended ? [...ends, at] : ends,
    ...(latest !== undefined && { latest }),
    ...(peak !== undefined && { peak }),
    ...(sync && { sync }),
    ...(stillSince !== undefined && { stillSince }),
    ...(apartSince !== undefined && { apartSince }),
    ...(short && { short }),
  }
}

/** The same on a clock that was set back by this much (ms). */
export function historySetBack(history: NodeHistory, ms: number): NodeHistory {
  const { stillSince, apartSince, short, sync, ends } = history
  const moved = (to: SyncedTo) => ({ ...to, at: to.at - ms })
  return {
    ...history,
    ends: ends.map((at) => at - ms),
    ...(stillSince !== undefined && { stillSince: stillSince - ms }),
    ...(apartSince !== undefined && { apartSince: apartSince - ms }),
    ...(short && { short: { ...short, since: short.since - ms } }),
    ...(sync && {
      sync: {
        ...sync,
        since: sync.since - ms,
        ...(sync.from && { from: moved(sync.from) }),
        ...(sync.newer && { newer: moved(sync.newer) }),
      },
    }),
  }
}

function syncOf(
  known: NodeHistory | undefined,
  { syncing, syncMark, syncBlocks }: ExecutionView,
  at: number,
): NodeHistory['sync'] {
  const mark = syncMark ?? (syncing ? 'syncing' : undefined)
  if (mark === undefined) return undefined
  const past = known?.sync
  if (past?.mark === mark) return past
  if (!syncBlocks) return { mark, since: at }
  const here = { at, current: syncBlocks.current }
  const { from = here, newer = here } = past ?? {}
  const turn = at - newer.at >= PACE_MS
  return { mark, since: at, from: turn ? newer : from, newer: turn ? here : newer }
}

/** How long a sync takes at the pace of the last minutes (ms); `undefined` = no progress, or none reported. */
export function syncRemainingMs({ sync }: NodeHistory, { syncBlocks }: ExecutionView, now: number): number | undefined {
  if (!sync?.from || !syncBlocks) return undefined
  const { at, current } = sync.from
  const done = syncBlocks.current - current
  if (done <= 0n || now - at < LEAST_PACE_MS || syncBlocks.highest <= syncBlocks.current) return undefined
  return Math.round((Number(syncBlocks.highest - syncBlocks.current) * (now - at)) / Number(done))
}

/** A client that advances gets there on its own. */
function shortOf(
  known: NodeHistory | undefined,
  sample: Observation,
  { latest, peak }: { readonly latest: bigint; readonly peak: bigint | undefined },
): NodeHistory['short'] {
  const past = known?.short
  if (!isShort(sample, peak)) {
    const asked = sample.execution.ok ? sample.execution.value.at?.number : undefined
    const isBack = !past || (asked !== undefined && latest >= asked)
    return isBack ? undefined : { since: sample.at, looks: 0 }
  }
  const stands = past && past.looks > 0 && known.latest === latest ? past : { since: sample.at, looks: 0 }
  return { since: stands.since, looks: stands.looks + 1 }
}

/** A client that is executing the block it has just stored shows the same in one sample. */
function countStored(known: NodeHistory | undefined, execution: Observation['execution']): number {
  const before = known?.storedSamples ?? 0
  if (!execution.ok) return before
  if (!execution.value.stored) return 0
  return known?.latest === execution.value.latest.number ? before + 1 : 1
}

/** Further below the requested block than a follower is for a moment. */
function isBehind({ execution }: Observation): boolean {
  if (!execution.ok || !execution.value.at) return false
  return execution.value.at.number > execution.value.latest.number + APART
}

/** op-node names a newest block that its execution client lacks, or has a different block at that number. */
function areApart({ consensus, execution }: Observation): boolean {
  if (!consensus.ok || !execution.ok) return false
  const { unsafe } = consensus.value
  const { latest } = execution.value
  return unsafe.number > latest.number + APART || (unsafe.number === latest.number && unsafe.hash !== latest.hash)
}

/** The most blocks a client keeps in memory only: far more than op-reth's fifty. */
const MOST_IN_MEMORY = 512n

/**
 * op-node names a newest block above that of its execution client, which does not report a sync. op-reth reports one
 * after it has checked its database at a start, until its next block: one that has had more lost it, and syncs nothing.
 *
 * @param peak the highest block it ever had.
 */
export function isShort({ consensus, execution }: Observation, peak: bigint | undefined): boolean {
  if (!consensus.ok || !execution.ok) return false
  const { latest, syncing } = execution.value
  const short = consensus.value.unsafe.number - latest.number
  if (short <= 0n || !syncing) return short > 0n
  return peak !== undefined && peak > latest.number && latest.number > 0n && short <= MOST_IN_MEMORY
}

/** On a chain this young (s) every node has little but the genesis. */
const YOUNG_S = 60n

/**
 * A node that has only the genesis. It answers everything, and would need the whole chain before its first block. On a
 * chain as young as itself it is a standby like any other.
 */
export function onlyGenesis({ head }: View, node: NodeName, { observation }: ObservedNode): Reason[] {
  const { consensus, execution } = observation
  if (!head || !execution.ok || execution.value.latest.number !== 0n || head.number === 0n) return []
  const genesis = consensus.ok && consensus.value.unsafe.number === 0n ? consensus.value.unsafe : undefined
  if (genesis && head.timestamp - genesis.timestamp <= YOUNG_S) return []
  return [reason('only-genesis', { committed: String(head.number) }, node)]
}

/** A node that syncs gets there on its own, and cannot build before. Includes the remaining time, if known. */
export function syncsItself(
  node: NodeName,
  { observation: { execution }, history: known }: ObservedNode,
  lag: bigint | undefined,
  now: number,
): Reason[] {
  if (!execution.ok || !execution.value.syncing || lag === 0n) return []
  const { latest, syncBlocks } = execution.value
  const ms = known && syncRemainingMs(known, execution.value, now)
  if (ms === undefined || !syncBlocks) return [reason('syncing', { number: String(latest.number) }, node)]
  const { current, highest } = syncBlocks
  return [reason('syncing-until', { current: String(current), highest: String(highest), ms }, node)]
}
