import { broken, holds, type Predicate } from './predicate.ts'

/** Strict: the same blocks to the last byte. The node never compares hashes, so this is the only check there is. */
export const p8: Predicate = {
  name: 'P8',
  claim: 'strict: every block and batch is the same as before',
  check({ before, after }) {
    const [old, now] = [before.stretch, after.stretch]
    if (now.batches.length !== old.batches.length) {
      return broken(`${old.batches.length} batches became ${now.batches.length}`)
    }
    if (now.blocks.length !== old.blocks.length)
      return broken(`${old.blocks.length} blocks became ${now.blocks.length}`)
    const other = now.blocks.findIndex(
      ({ hash, batch }, i) => hash !== old.blocks[i]?.hash || batch !== old.blocks[i]?.batch,
    )
    const block = now.blocks[other]
    if (block) return broken(`block ${block.number} is ${block.hash}, was ${old.blocks[other]?.hash}`)
    return holds(`${now.blocks.length} blocks have the same hashes and batches`)
  },
}
