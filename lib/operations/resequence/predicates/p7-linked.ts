import { lastKept } from '../stretch.ts'
import { broken, holds, type Predicate } from './predicate.ts'

/** The new blocks are one chain on the kept one, and every batch but the last is closed. */
export const p7: Predicate = {
  name: 'P7',
  claim: 'the blocks are one chain on the kept one, and each batch but the last is closed',
  check({ before, after }) {
    let { hash } = lastKept(before)
    for (const block of after.stretch.blocks) {
      if (block.parentHash !== hash) return broken(`block ${block.number} has parent ${block.parentHash}, not ${hash}`)
      hash = block.hash
    }
    const open = after.stretch.batches.slice(0, -1).find(({ closed }) => !closed)
    if (open) return broken(`batch ${open.number} is not closed`)
    return holds(`${after.stretch.blocks.length} blocks are linked, the last is ${hash}`)
  },
}
