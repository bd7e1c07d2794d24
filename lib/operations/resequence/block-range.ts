import type { BlockId, Hash } from '../../protocol/block.ts'

/** A block with the fields that re-sequencing may or may not change. */
export type ZkBlock = BlockId & {
  readonly parentHash: Hash
  /** Unix time in seconds. */
  readonly timestamp: bigint
  readonly stateRoot: Hash
  /** Hashes of its transactions, in order. */
  readonly transactions: readonly Hash[]
  readonly batch: bigint
}

/** A batch: the unit in which L1 proves the chain. */
export type ZkBatch = { readonly number: bigint; readonly closed: boolean }

/** All blocks and batches after the kept one, in order. */
export type BlockRange = { readonly blocks: readonly ZkBlock[]; readonly batches: readonly ZkBatch[] }

/** The state before or after a run; the predicates need nothing else. */
export type Snapshot = {
  /** Blocks up to the last kept one, newest last. A hash covers all its ancestors. */
  readonly kept: readonly BlockId[]
  readonly range: BlockRange
}

/** The snapshots before and after a run, and the database's end in between. */
export type Comparison = {
  readonly before: Snapshot
  /**
   * The number of the database's last block after the unwind; `undefined` = not read. Without it, an untouched chain
   * looks the same as a rebuilt one.
   */
  readonly unwoundTo: bigint | undefined
  readonly after: Snapshot
}

/** The last kept block. */
export function lastKept({ kept }: Snapshot): BlockId {
  const last = kept.at(-1)
  if (!last) throw new RangeError('a sighting without kept blocks')
  return last
}

/** The expected snapshot when some batches are left out: the same without their blocks. */
export function withoutBatches(sighting: Snapshot, left: readonly bigint[]): Snapshot {
  const { blocks, batches } = sighting.range
  return { ...sighting, range: { batches, blocks: blocks.filter(({ batch }) => !left.includes(batch)) } }
}
