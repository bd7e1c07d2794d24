import type { BlockId, Hash } from '../../protocol/block.ts'

/** A block as re-sequencing may or may not change it. */
export type ZkBlock = BlockId & {
  readonly parentHash: Hash
  /** Unix time in seconds. */
  readonly timestamp: bigint
  readonly stateRoot: Hash
  /** Hashes of its transactions, in order. */
  readonly transactions: readonly Hash[]
  readonly batch: bigint
}

/** A batch: the unit in which the chain is proven on L1. */
export type ZkBatch = { readonly number: bigint; readonly closed: boolean }

/** All blocks and batches after the one that is kept, in order. */
export type BlockRange = { readonly blocks: readonly ZkBlock[]; readonly batches: readonly ZkBatch[] }

/** What was seen before and after; the predicates need nothing else. */
export type Snapshot = {
  /** Blocks up to the last kept one, newest last. A hash covers all its ancestors. */
  readonly kept: readonly BlockId[]
  readonly range: BlockRange
}

/** Both sightings of one run, and what was seen between them. */
export type Comparison = {
  readonly before: Snapshot
  /**
   * The number of the last block the database itself had after the unwind; `undefined` = it was not read. Without it,
   * a chain to which nothing happened is the same as one that was rebuilt.
   */
  readonly unwoundTo: bigint | undefined
  readonly after: Snapshot
}

/** The last block that is kept. */
export function lastKept({ kept }: Snapshot): BlockId {
  const last = kept.at(-1)
  if (!last) throw new RangeError('a sighting without kept blocks')
  return last
}

/** What must be there when some batches are left out: the same without their blocks. */
export function withoutBatches(sighting: Snapshot, left: readonly bigint[]): Snapshot {
  const { blocks, batches } = sighting.range
  return { ...sighting, range: { batches, blocks: blocks.filter(({ batch }) => !left.includes(batch)) } }
}
