import { gatherOffset, offsetOfCommit, offsetOfStamp } from '../protocol/clocks.ts'
import type { Head } from '../protocol/records.ts'
import type { Memory } from './memory.ts'

/**
 * Compares the clocks of the gate and of the sequencer's host with ours: a head that is new was committed between the
 * last time it was not there and now. `askedAt` and `now` (Unix ms): when this head was asked for, and when it was read.
 */
export function watchGateClock(
  memory: Memory,
  head: Head | undefined,
  askedAt: number,
  now: number,
  blockTimeMs = 2_000,
): void {
  const last = memory.read
  if (!head) delete memory.read
  else memory.read = { number: head.number, term: head.term, leader: head.leader, askedAt }
  // Under another term, something else than a gate may have written it.
  if (!head || !last || last.term !== head.term || last.leader !== head.leader) {
    delete memory.gateClock
    delete memory.blockClock
    return
  }
  if (head.number <= last.number) return
  const look = offsetOfCommit(head.committedAt, last.askedAt, now)
  if (look) memory.gateClock = gatherOffset(memory.gateClock, look, now)
  const stamp = offsetOfStamp(head.timestamp, blockTimeMs, last.askedAt, now)
  if (stamp) memory.blockClock = gatherOffset(memory.blockClock, stamp, now)
}
