import type { View } from './decision.ts'
import type { ConsensusView, L1Block } from './observation.ts'
import type { NodeName } from './records.ts'

/**
 * How far to believe numbers that single nodes report. A node may be broken, or lie. What it says of itself counts at
 * most against it. What it says of the time, of L1 or of the chain counts only within what the others, or our own
 * clock, allow.
 */

/** How far a reported time may be ahead of our clock (ms): more than clocks of machines in one fleet differ. */
const FUTURE_MS = 60_000
/** A time compared with our own clock is capped this far ahead of it (ms). */
const CLOCK_MS = 5_000

/** The views of the consensus clients that answer. */
export function answering({ observed }: Pick<View, 'observed'>): { node: NodeName; at: ConsensusView }[] {
  return Object.entries(observed).flatMap(
    ([
      node,
      {
        observation: { consensus },
      },
    ]) => (consensus.ok ? [{ node, at: consensus.value }] : []),
  )
}

/** Whether an L1 block can exist already. */
export const hasHappened = ({ timestamp }: L1Block, now: number): boolean =>
  Number(timestamp) * 1_000 <= now + FUTURE_MS

/** The highest item by number that more than one node supports: of three and more the second, of fewer the highest. */
export function witnessed<Item extends { readonly number: bigint }>(items: readonly Item[]): Item | undefined {
  const highestFirst = items.toSorted((a, b) => (a.number > b.number ? -1 : a.number < b.number ? 1 : 0))
  return highestFirst[items.length > 2 ? 1 : 0]
}

/**
 * The age of the newest L1 block that any node knows (ms), by our clock; `undefined` = none names one that can exist
 * already.
 */
export function youngestL1Ms(view: Pick<View, 'observed' | 'now'>): number | undefined {
  const ages = answering(view)
    .filter(({ at }) => hasHappened(at.headL1, view.now))
    .map(({ at }) => view.now - Number(at.headL1.timestamp) * 1_000)
  return ages.length === 0 ? undefined : Math.min(...ages)
}

/**
 * The time of L1 by the other nodes (Unix ms): their median, the earlier one of an even number, and no later than our
 * clock allows; `undefined` = none of them names a block that can exist already.
 */
export function othersL1Ms(view: Pick<View, 'observed' | 'now'>, node: NodeName): number | undefined {
  const times = answering(view)
    .filter((other) => other.node !== node && hasHappened(other.at.headL1, view.now))
    .map(({ at }) => Number(at.headL1.timestamp) * 1_000)
    .toSorted((a, b) => a - b)
  const median = times[Math.floor((times.length - 1) / 2)]
  return median === undefined ? undefined : Math.min(median, view.now + CLOCK_MS)
}

/** The highest block number the chain can have reached: a head every slot since the committed one, and two more. */
export function highestPossible({ head, now, policy }: Pick<View, 'head' | 'now' | 'policy'>): bigint | undefined {
  if (!head) return undefined
  const ms = Math.max(0, now + CLOCK_MS - Number(head.timestamp) * 1_000)
  return head.number + BigInt(Math.ceil(ms / policy.blockTimeMs)) + 2n
}
