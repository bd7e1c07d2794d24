import { originsOf } from '../origins.ts'
import { broken, holds, type Predicate } from './predicate.ts'

/** A batch may be split, never joined with another. */
export const p4: Predicate = {
  name: 'P4',
  claim: 'each batch is an old one or a part of one, in order',
  check({ before, after }) {
    const from = new Map<bigint, bigint>()
    let last = 0n
    for (const { block, of } of originsOf(before.stretch, after.stretch)) {
      const old = of === undefined ? undefined : before.stretch.blocks[of]?.batch
      if (old === undefined) return broken(`block ${block.number} is of no old block: nor is batch ${block.batch}`)
      const known = from.get(block.batch) ?? old
      if (known !== old) return broken(`batch ${block.batch} joins blocks of the old batches ${known} and ${old}`)
      if (old < last) return broken(`batch ${block.batch} is of old batch ${old}, after parts of ${last}`)
      last = old
      from.set(block.batch, old)
    }
    return holds(`${from.size} batches are parts of ${new Set(from.values()).size} old ones`)
  },
}
