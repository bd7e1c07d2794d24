import type { BlockId } from '../../lib/protocol/block.ts'
import type { Head } from '../../lib/protocol/records.ts'

/** A block as it was acknowledged. `hash` and `parent` are what the node claimed. */
type Entry = { readonly number: number; readonly hash: string; readonly parent: string }

/**
 * What of a history is not in the records: the blocks that count as published, oldest first, without those that a
 * move took back and recorded.
 */
export type Ledger = readonly Entry[]

const entryOf = ({ number, hash, parentHash }: Head): Entry => ({ number: Number(number), hash, parent: parentHash })

/** The head's new block on top; or what is wrong with it. */
export function committed(ledger: Ledger, head: Head): Ledger | string {
  const entry = entryOf(head)
  const replaced = ledger.find(({ number }) => number === entry.number)
  if (replaced) return `block ${entry.number} was acknowledged and is replaced by another commit`
  return [...ledger, entry]
}

/**
 * The ledger after a move of the head: blocks the new one does not descend from are given up.
 *
 * @param reported the block that the same write says was left: it must be the highest of them.
 */
export function moved(ledger: Ledger, after: Head, reported: BlockId | undefined): Ledger | string {
  const entry = entryOf(after)
  const same = ledger.find(({ number, hash }) => number === entry.number && hash === entry.hash)
  const below = ledger.filter(({ number }) => number < entry.number)
  const parent = below.find(({ number }) => number === entry.number - 1)
  // Of a parent that was never acknowledged it is not known what is below it.
  const kept = same || !parent || parent.hash === entry.parent ? below : []
  const now = [...kept, same ?? entry]
  const givenUp = ledger.filter((each) => !now.includes(each))
  const top = givenUp.at(-1)
  if (!top) return now
  if (reported?.number === BigInt(top.number) && reported.hash === top.hash) return now
  return `block ${top.number} was acknowledged and is given up, and the write does not record it`
}
