import * as v from 'valibot'
import type { Hash } from '../../protocol/block.ts'
import { hash } from '../schema.ts'

/**
 * What an engine says of a payload or a forkchoice. None is proof: clients answer `VALID` for any block they have
 * stored, executed or not. Verify by observation.
 *
 * - `ACCEPTED`: its parent is known, but not the parent's state.
 * - `SYNCING`: its parent is unknown, or the client is busy syncing.
 * - `INCONSISTENT`: bnb's op-geth; the parent's state is missing.
 */
export type PayloadStatus = {
  readonly status: 'VALID' | 'INVALID' | 'SYNCING' | 'ACCEPTED' | 'INVALID_BLOCK_HASH' | 'INCONSISTENT'
  /** The newest ancestor the client holds for valid. */
  readonly latestValidHash: Hash | null
  readonly validationError: string | null
}

/** Parses a {@link PayloadStatus}. */
export const payloadStatus = v.object({
  status: v.picklist(['VALID', 'INVALID', 'SYNCING', 'ACCEPTED', 'INVALID_BLOCK_HASH', 'INCONSISTENT']),
  latestValidHash: v.optional(v.nullable(hash), null),
  validationError: v.optional(v.nullable(v.string()), null),
})
