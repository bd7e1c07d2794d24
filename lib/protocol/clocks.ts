import type { View } from './decision.ts'
import { type Reason, reason } from './reason.ts'

/** How far another clock is ahead of ours, in ms (negative: behind): certainly between `low` and `high`. */
export type Offset = { readonly low: number; readonly high: number }

/** What many samples show of another clock. Times in Unix ms of our own clock. */
export type ClockWatch = {
  readonly since: number
  readonly samples: number
  /** The range all samples since then allow. */
  readonly offset: Offset
  /** The ranges of the last two complete windows, newest first. */
  readonly past: readonly Offset[]
}

/** How far other clocks are ahead of ours: the store's, the leader's gate's, and the leader's own. */
export type Clocks = { readonly store?: ClockWatch; readonly gate?: ClockWatch; readonly blocks?: ClockWatch }

/** An HTTP date has whole seconds, and a server may write the same one for a second. */
const DATE_MS = 2_000
/** The longest time from a gate's timestamp of a commit until the commit is visible; a frozen gate aside. */
const STAMP_MS = 1_000
/** A window lasts at least this long, and has at least this many samples. */
const WINDOW_MS = 30_000
const LEAST_SAMPLES = 5
/** More than this is reported. Nothing breaks below it: lateness is judged to about a slot. */
const REPORT_MS = 1_000
/** A block is sealed a little before its time; its stamp has whole seconds, and the seal may be late. */
const [EARLY_MS, LATE_MS] = [500, 1_500]
/** Page when a sequencer's clock is off by more than this: the next leader waits, or hurries, for as long. */
const PAGE_MS = 10_000
/** A stamp this far ahead of its own commit needs no second sample: no delay makes a block early. */
const AHEAD_MS = 3_000

/** The offset that the date of an answer (Unix ms) shows; `undefined` = our own clock was set in between. */
export function offsetOfDate(date: number, sentAt: number, receivedAt: number): Offset | undefined {
  return orNone({ low: date - receivedAt, high: date + DATE_MS - sentAt })
}

/**
 * The offset that a commit shows that was missing when the head was read from `before` on, and was there at `now`;
 * `undefined` = our own clock was set in between.
 */
export function offsetOfCommit(committedAt: number, before: number, now: number): Offset | undefined {
  return orNone({ low: committedAt - now, high: committedAt - (before - STAMP_MS) })
}

/**
 * The offset that a block's stamp (s) shows of its sequencer's clock, if the block was sealed on time: it was committed
 * between `before` and `now`. On a chain that catches up the samples contradict each other and yield nothing.
 */
export function offsetOfStamp(stamp: bigint, blockTimeMs: number, before: number, now: number): Offset | undefined {
  const stampedAt = Number(stamp) * 1_000
  return orNone({ low: stampedAt - EARLY_MS - now, high: stampedAt + blockTimeMs + LATE_MS - before })
}

const orNone = (offset: Offset) => (offset.low <= offset.high ? offset : undefined)

/** Adds a sample taken `at`. If it contradicts the others, a clock was set or a process stood still: start over. */
export function addOffset(known: ClockWatch | undefined, sample: Offset, at: number): ClockWatch {
  const fresh = { since: at, samples: 1, offset: sample }
  if (!known || at < known.since) return { ...fresh, past: [] }
  const offset = { low: Math.max(known.offset.low, sample.low), high: Math.min(known.offset.high, sample.high) }
  if (offset.low > offset.high) return { ...fresh, past: [] }
  const samples = known.samples + 1
  if (at - known.since < WINDOW_MS || samples < LEAST_SAMPLES) return { ...known, samples, offset }
  return { ...fresh, past: [offset, ...known.past.slice(0, 1)] }
}

/** The least offset that two complete windows agree on (ms); 0 = the clock may be right. */
export function certainSkew(watch: ClockWatch | undefined): number {
  const [newest, older] = watch?.past.map(leastSkew) ?? []
  if (newest === undefined || older === undefined || newest * older <= 0) return 0
  return Math.abs(newest) < Math.abs(older) ? newest : older
}

const leastSkew = ({ low, high }: Offset) => (low > 0 ? low : high < 0 ? high : 0)

/** The input of a judgement of clocks. */
type Seen = Partial<Pick<View, 'clocks' | 'head' | 'headSeenAt' | 'lease' | 'now'>>

/**
 * The clocks that are certainly off by more than a second: our own against the store's, the leader's gate's against
 * ours, and the sequencer host's, by the stamps of its blocks.
 */
export function judgeClocks(view: Seen): readonly Reason[] {
  const { clocks, head } = view
  const store = certainSkew(clocks?.store)
  const gate = certainSkew(clocks?.gate)
  const found: Reason[] = []
  if (Math.abs(store) > REPORT_MS) found.push(reason('own-clock', formatSkew(-store)))
  // Where our own clock is wrong, do not blame the gate's.
  else if (Math.abs(gate) > REPORT_MS) found.push(reason('gate-clock', formatSkew(gate), head?.leader))
  const block = found.length > 0 ? 0 : stampSkew(view)
  if (Math.abs(block) > REPORT_MS) found.push(reason('block-clock', formatSkew(block), authorOf(view)))
  return found
}

/** Sequencers' clocks so far off that a person must correct them before the next move. */
export function clocksToPage(view: Seen): readonly Reason[] {
  return judgeClocks(view).filter(({ code, evidence }) => code === 'block-clock' && Number(evidence.skewMs) > PAGE_MS)
}

/** How far the head's stamp is ahead of its commit by both clocks that saw it, else the offset of the last windows. */
function stampSkew({ clocks, head, headSeenAt = 0 }: Seen): number {
  // A seeded block, such as the genesis of a chain that begins later, carries no sequencer's clock.
  if (!head || head.committedTerm === 0) return 0
  const seenAt = head.committedTerm === head.term ? headSeenAt : 0
  const aheadMs = Number(head.timestamp) * 1_000 - Math.max(head.committedAt, seenAt)
  return aheadMs > AHEAD_MS ? aheadMs : certainSkew(clocks?.blocks)
}

/** The author of the head: the previous leader while the term has yet to commit. */
function authorOf({ head, lease }: Seen): string | undefined {
  return head && head.committedTerm !== head.term ? lease?.previousLeader : head?.leader
}

function formatSkew(skewMs: number) {
  return { skewMs: Math.round(Math.abs(skewMs)), direction: skewMs > 0 ? 'ahead of' : 'behind' }
}
