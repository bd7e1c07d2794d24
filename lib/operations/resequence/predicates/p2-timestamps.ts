import { originsOf } from '../origins.ts'
import { broken, holds, type Predicate } from './predicate.ts'

/** Contracts may read a block's time: every part keeps that of its original. */
export const p2: Predicate = {
  name: 'P2',
  claim: 'each block has the timestamp of its old one',
  check({ before, after }) {
    for (const { block, of } of originsOf(before.stretch, after.stretch)) {
      const old = of === undefined ? undefined : before.stretch.blocks[of]
      if (!old) return broken(`block ${block.number} is of no old block: its time cannot be compared`)
      if (old.timestamp !== block.timestamp) {
        return broken(
          `block ${block.number} has time ${block.timestamp}, its old one ${old.number} had ${old.timestamp}`,
        )
      }
    }
    return holds(`${after.stretch.blocks.length} timestamps are as they were`)
  },
}
