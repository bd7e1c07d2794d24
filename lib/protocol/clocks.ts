import type { View } from './decision.ts'
import { type Reason, reason } from './reason.ts'

/** How far another clock is ahead of ours, in ms (negative: behind): somewhere from `low` to `high`, for certain. */
export type Offset = { readonly low: number; readonly high: number }

/** What is known of another clock, out of many looks. Times in Unix ms of our own clock. */
export type ClockWatch = {
  readonly since: number
  readonly samples: number
  /** What every look since then allows. */
  readonly offset: Offset
  /** What the looks of the last two whole stretches allowed, newest first. */
  readonly past: readonly Offset[]
}

/** How far other clocks are ahead of ours: the store's, that of the gate the leader commits through, and the leader's. */
export type Clocks = { readonly store?: ClockWatch; readonly gate?: ClockWatch; readonly blocks?: ClockWatch }

/** An HTTP date has whole seconds, and a server may write the same one for a second. */
const DATE_MS = 2_000
/** From the moment a gate notes for a commit until the commit is there, at most; a frozen gate aside. */
const STAMP_MS = 1_000
/** Looks are gathered for so long, and at least so many. */
const WINDOW_MS = 30_000
const LEAST_SAMPLES = 5
/** More than this is told. Nothing breaks before: lateness is judged to about a slot. */
const REPORT_MS = 1_000
/** A block is sealed a little before the time it is for; its stamp has whole seconds, and the seal may be late. */
const [EARLY_MS, LATE_MS] = [500, 1_500]
/** A sequencer's clock that is off by more than this wakes somebody: the next leader waits, or hurries, for as long. */
const PAGE_MS = 10_000
/** A stamp so much ahead of its own commit needs no second look: no delay makes a block early. */
const AHEAD_MS = 3_000

/** What the date of an answer (Unix ms) tells; `undefined` = our own clock was set meanwhile. */
export function offsetOfDate(date: number, sentAt: number, receivedAt: number): Offset | undefined {
  return orNone({ low: date - receivedAt, high: date + DATE_MS - sentAt })
}

/**
 * What a commit tells that was not there when the head was read from `before` on, and was there `now`;
 * `undefined` = our own clock was set meanwhile.
 */
export function offsetOfCommit(committedAt: number, before: number, now: number): Offset | undefined {
  return orNone({ low: committedAt - now, high: committedAt - (before - STAMP_MS) })
}

/**
 * What the stamp of a block (s) tells of its sequencer's clock, if the block was sealed on time: it was committed
 * between `before` and `now`. Of a chain that catches up looks contradict each other, and nothing comes of them.
 */
export function offsetOfStamp(stamp: bigint, blockTimeMs: number, before: number, now: number): Offset | undefined {
  const stampedAt = Number(stamp) * 1_000
  return orNone({ low: stampedAt - EARLY_MS - now, high: stampedAt + blockTimeMs + LATE_MS - before })
}

const orNone = (offset: Offset) => (offset.low <= offset.high ? offset : undefined)

/** Adds a look taken `at`. One that contradicts the others means that a clock was set, or a process stood still: all begins anew. */
export function addOffset(known: ClockWatch | undefined, sample: Offset, at: number): ClockWatch {
  const fresh = { since: at, samples: 1, offset: sample }
  if (!known || at < known.since) return { ...fresh, past: [] }
  const offset = { low: Math.max(known.offset.low, sample.low), high: Math.min(known.offset.high, sample.high) }
  if (offset.low > offset.high) return { ...fresh, past: [] }
  const samples = known.samples + 1
  if (at - known.since < WINDOW_MS || samples < LEAST_SAMPLES) return { ...known, samples, offset }
  return { ...fresh, past: [offset, ...known.past.slice(0, 1)] }
}

/** What two whole stretches agree on: how far a clock is off at least, ms; 0 = it may be right. */
export function certainSkew(watch: ClockWatch | undefined): number {
  const [newest, older] = watch?.past.map(leastSkew) ?? []
  if (newest === undefined || older === undefined || newest * older <= 0) return 0
  return Math.abs(newest) < Math.abs(older) ? newest : older
}

const leastSkew = ({ low, high }: Offset) => (low > 0 ? low : high < 0 ? high : 0)

/** What a judgement of clocks rests on. */
type Seen = Partial<Pick<View, 'clocks' | 'head' | 'headSeenAt' | 'lease' | 'now'>>

/**
 * The clocks that are certainly off by more than a second: our own against the store's, the leader's gate against
 * ours, and that of the sequencer's host, by the times its blocks are stamped with.
 */
export function judgeClocks(view: Seen): readonly Reason[] {
  const { clocks, head } = view
  const store = certainSkew(clocks?.store)
  const gate = certainSkew(clocks?.gate)
  const found: Reason[] = []
  if (Math.abs(store) > REPORT_MS) found.push(reason('own-clock', formatSkew(-store)))
  // Where our own is the wrong one, that of the gate is not blamed for it.
  else if (Math.abs(gate) > REPORT_MS) found.push(reason('gate-clock', formatSkew(gate), head?.leader))
  const block = found.length > 0 ? 0 : stampSkew(view)
  if (Math.abs(block) > REPORT_MS) found.push(reason('block-clock', formatSkew(block), authorOf(view)))
  return found
}

/** Sequencers' clocks that are off by so much that a person must set them right before the next move. */
export function clocksToPage(view: Seen): readonly Reason[] {
  return judgeClocks(view).filter(({ code, evidence }) => code === 'block-clock' && Number(evidence.skewMs) > PAGE_MS)
}

/** How far the head's stamp is ahead of its commit by both clocks that saw it, else what the looks of minutes agree on. */
function stampSkew({ clocks, head, headSeenAt = 0 }: Seen): number {
  // A seeded block, such as the genesis of a chain that begins later, is of no sequencer's clock.
  if (!head || head.committedTerm === 0) return 0
  const seenAt = head.committedTerm === head.term ? headSeenAt : 0
  const aheadMs = Number(head.timestamp) * 1_000 - Math.max(head.committedAt, seenAt)
  return aheadMs > AHEAD_MS ? aheadMs : certainSkew(clocks?.blocks)
}

/** Who made the head: under a term that has yet to commit, the leader before. */
function authorOf({ head, lease }: Seen): string | undefined {
  return head && head.committedTerm !== head.term ? lease?.previousLeader : head?.leader
}

function formatSkew(skewMs: number) {
  return { skewMs: Math.round(Math.abs(skewMs)), direction: skewMs > 0 ? 'ahead of' : 'behind' }
}
