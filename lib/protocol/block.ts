/** A 32-byte hash, `0x` and 64 lower-case hex digits. */
export type Hash = `0x${string}`

/** op-node reports zeros while it has not loaded its chain. */
export const isNoBlock = (hash: Hash): boolean => /^0x0*$/.test(hash)

/** A block by number and hash. */
export type BlockId = { readonly number: bigint; readonly hash: Hash }

/** A block as the protocol needs it: enough to link it to its parent and to place it in time. */
export type Block = BlockId & {
  readonly parentHash: Hash
  /** Unix time in seconds, as in the block's header. */
  readonly timestamp: bigint
  /** The L1 block this block derives its deposits from; absent when the payload does not contain it. */
  readonly l1Origin?: BlockId
}

/**
 * Where a committed payload is kept: zstd bytes in the head item itself, or the key of an object
 * when the item would grow too large. Exactly one of the two.
 */
export type PayloadPlace = { readonly payload: Uint8Array } | { readonly payloadRef: string }
