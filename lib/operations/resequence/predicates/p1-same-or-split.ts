import { originsOf } from '../origins.ts'
import { broken, holds, type Predicate } from './predicate.ts'

/** Every new block is an original or a part of one, in order, and every original is there. */
export const p1: Predicate = {
  name: 'P1',
  claim: 'each block is an old one or a part of one, in order, none merged and none missing',
  check({ before, after }) {
    const found = new Map<number, number>()
    let last = 0
    for (const { block, of, parts } of originsOf(before.stretch, after.stretch)) {
      if (of === undefined) return broken(`block ${block.number} is not (a part of) any old block`)
      if (parts.length > 1) return broken(`block ${block.number} merges old blocks`)
      if (of < last) return broken(`block ${block.number} comes after parts of later blocks`)
      last = of
      found.set(of, (found.get(of) ?? 0) + 1)
    }
    const missing = before.stretch.blocks.findIndex((_, i) => !found.has(i))
    const lost = before.stretch.blocks[missing]
    if (lost) return broken(`old block ${lost.number} has no block any more`)
    const doubled = before.stretch.blocks.findIndex(({ transactions }, i) => {
      return transactions.length === 0 && found.get(i) !== 1
    })
    const empty = before.stretch.blocks[doubled]
    if (empty) return broken(`old block ${empty.number} was empty and is there ${found.get(doubled)} times`)
    const split = [...found.values()].filter((parts) => parts > 1).length
    return holds(
      `${before.stretch.blocks.length} old blocks are ${after.stretch.blocks.length}, ${split} of them split`,
    )
  },
}
