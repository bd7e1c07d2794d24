import { gatherOffset, offsetOfCommit } from '../protocol/clocks.ts'
import type { Head } from '../protocol/records.ts'
import type { Memory } from './memory.ts'

/**
 * Compares the gate's clock with ours: a head that is new was committed between the last time it was not
 * there and now. `askedAt` and `now` (Unix ms): when this head was asked for, and when it was read.
 */
export function watchGateClock(memory: Memory, head: Head | undefined, askedAt: number, now: number): void {
  const last = memory.read
  if (!head) delete memory.read
  else memory.read = { number: head.number, term: head.term, holder: head.holder, askedAt }
  // Under another term, something else than a gate may have written it.
  if (!head || !last || last.term !== head.term || last.holder !== head.holder) {
    delete memory.gateClock
    return
  }
  const look = head.number > last.number && offsetOfCommit(head.committedAt, last.askedAt, now)
  if (look) memory.gateClock = gatherOffset(memory.gateClock, look, now)
}
