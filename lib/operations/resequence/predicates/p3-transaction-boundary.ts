import { originsOf } from '../origins.ts'
import { broken, holds, type Predicate } from './predicate.ts'

/** A block's transactions are a run of its original's, without gaps and in the same order. */
export const p3: Predicate = {
  name: 'P3',
  claim: "each block's transactions are one unbroken run of its old block's",
  check({ before, after }) {
    for (const { block, of } of originsOf(before.stretch, after.stretch)) {
      const { transactions } = block
      const old = of === undefined ? undefined : before.stretch.blocks[of]?.transactions
      if (!old) return broken(`block ${block.number} is of no old block`)
      const start = transactions[0] === undefined ? 0 : old.indexOf(transactions[0])
      const strange = transactions.findIndex((hash, i) => start < 0 || old[start + i] !== hash)
      if (strange >= 0)
        return broken(`block ${block.number}: transaction ${transactions[strange]} does not follow in order`)
    }
    return holds(`the transactions of ${after.stretch.blocks.length} blocks follow as in the old ones`)
  },
}
