import type { Hash } from '../../protocol/block.ts'
import type { BlockRange, ZkBlock } from './block-range.ts'

/** The origin of a new block: the index of its original in the list, or why there is none. */
export type Origin = { readonly block: ZkBlock; readonly of: number | undefined; readonly parts: readonly number[] }

/**
 * Maps every new block to the original block that it is, or is a part of: by its transactions or, without any, by its
 * position. `parts` are all originals that its transactions come from; more than one means merged.
 */
export function originsOf(before: BlockRange, after: BlockRange): readonly Origin[] {
  const homes = new Map<Hash, number>()
  before.blocks.forEach(({ transactions }, i) => {
    for (const hash of transactions) homes.set(hash, i)
  })
  let at = -1
  let left = 0
  return after.blocks.map((block) => {
    const parts = [...new Set(block.transactions.map((hash) => homes.get(hash)))].filter((i) => i !== undefined)
    let of = parts[0]
    if (block.transactions.length === 0) {
      // An original with transactions still missing may have produced an empty part.
      if (left === 0 && before.blocks[at + 1]?.transactions.length === 0) of = at + 1
      else if (left > 0) of = at
      else if (before.blocks[at + 1]?.timestamp === block.timestamp) of = at + 1
    }
    if (of !== undefined) {
      if (of !== at) left = before.blocks[of]?.transactions.length ?? 0
      left -= block.transactions.length
      at = of
    }
    return { block, of, parts }
  })
}
