import type { BlockId } from '../../lib/protocol/block.ts'
import type { Head } from '../../lib/protocol/records.ts'
import type { Committed } from './check-head.ts'

/** What a move of the head is judged by. */
export type MoveFacts = {
  readonly committed: ReadonlyMap<bigint, Committed>
  /** Blocks that were published without a commit, by number. */
  readonly without: ReadonlyMap<bigint, string>
  /** What L1 has now. */
  readonly l1HashAt: (number: bigint) => string
  /** The nodes that publish without commits at this moment. */
  readonly publishing: () => readonly string[]
}

/** What is wrong with a move of the head that was no commit, if anything. */
export function checkMove(before: Head, after: Head, facts: MoveFacts): string | undefined {
  const { moved } = after
  if (after.term !== before.term + 1 || after.leader !== '') return 'the head was moved and has a leader'
  if (moved?.from.hash !== before.hash || moved.to.hash !== after.hash)
    return 'the head was moved without saying from where to where'
  return after.number > before.number ? checkUp(before, after, facts) : checkBack(before, after, facts)
}

/** Up: by an operator, over what was published without commits, and over all of it. */
function checkUp(before: Head, after: Head, { without, publishing }: MoveFacts): string | undefined {
  if (after.moved?.by.kind !== 'operator') return 'Baton moved the head up by itself'
  const [still] = publishing()
  if (still !== undefined) return `the head was moved up while ${still} goes on publishing without commits`
  if (without.get(after.number) !== after.hash) return `block ${after.number} was adopted, and was never published`
  for (let number = before.number + 1n; number < after.number; number++)
    if (!without.has(number)) return `the head was moved over block ${number}, which was never published`
  const [left] = [...without.keys()].filter((number) => number > after.number)
  return left === undefined ? undefined : `block ${left} was published, and the head moved to ${after.number} below it`
}

/** Back: only if L1 lost the head's origin, to a committed block that stands, and not further than L1 took it. */
function checkBack(before: Head, after: Head, { committed, l1HashAt }: MoveFacts): string | undefined {
  const stands = (origin: BlockId | undefined) => origin !== undefined && l1HashAt(origin.number) === origin.hash
  if (stands(before.l1Origin)) return `the head left block ${before.number}, whose origin L1 still has`
  const { hash, origin } = committed.get(after.number) ?? {}
  if (hash !== after.hash) return `the head was moved back to ${after.number} ${after.hash}, which was never committed`
  if (!stands(origin)) return `the head was moved back to ${after.number}, whose origin is gone as well`
  if (stands(committed.get(after.number + 1n)?.origin))
    return `the head was moved back to ${after.number}, though its child stands`
  return undefined
}
