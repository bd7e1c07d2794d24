import { lastKept } from '../stretch.ts'
import { broken, holds, type Predicate } from './predicate.ts'

/** Splitting makes more of them, never fewer; and no number is left out. */
export const p5: Predicate = {
  name: 'P5',
  claim: 'there are at least as many blocks and batches, numbered without a gap',
  check({ before, after }) {
    const [old, now] = [before.stretch, after.stretch]
    if (now.blocks.length < old.blocks.length) return broken(`${old.blocks.length} blocks became ${now.blocks.length}`)
    if (now.batches.length < old.batches.length) {
      return broken(`${old.batches.length} batches became ${now.batches.length}`)
    }
    const firstBlock = lastKept(before).number + 1n
    const gap = now.blocks.find(({ number }, i) => number !== firstBlock + BigInt(i))
    if (gap) return broken(`block ${gap.number} does not follow in number`)
    const firstBatch = old.batches[0]?.number
    const hole = now.batches.find(({ number }, i) => firstBatch === undefined || number !== firstBatch + BigInt(i))
    if (hole) return broken(`batch ${hole.number} does not follow in number`)
    const blocks = `${old.blocks.length} blocks became ${now.blocks.length}`
    return holds(`${blocks}, ${old.batches.length} batches ${now.batches.length}`)
  },
}
