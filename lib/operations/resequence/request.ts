import * as v from 'valibot'
import { hash } from '../../chain/schema.ts'

const decimal = v.pipe(
  v.string(),
  v.regex(/^\d{1,18}$/),
  v.transform((text) => BigInt(text)),
)

/** An operator's request. */
export const requestSchema = v.object({
  /** `stream`: from the node's data stream. `l1`: from the batches on L1, when the stream is no help. */
  from: v.picklist(['stream', 'l1']),
  /** The last kept batch, and the hash of its last block. */
  keep: v.object({ batch: decimal, hash }),
  strict: v.boolean(),
  /** Keep each block's L1 info index. */
  reuse: v.boolean(),
  /** Batches that a recovery from L1 leaves out. */
  bad: v.array(decimal),
  by: v.string(),
})

export type ResequenceRequest = v.InferOutput<typeof requestSchema>
