import * as v from 'valibot'
import type { L1Block, L2Block } from '../protocol/observation.ts'
import type { NodeClient } from './client.ts'
import { blockId, decimal, hash } from './schema.ts'

/** How far a node is, on L2 and on L1. Before its engine is initialised, op-node fills it with zeros. */
export type SyncStatus = {
  readonly unsafe: L2Block
  readonly safe: L2Block
  readonly finalized: L2Block
  /** Newest L1 block it knows. */
  readonly headL1: L1Block
  /** L1 block its derivation has reached. */
  readonly currentL1: L1Block
}

const l1Block = v.object({ number: decimal, hash, timestamp: decimal })

const l2Block = v.pipe(
  v.object({ number: decimal, hash, parentHash: hash, timestamp: decimal, l1origin: blockId }),
  v.transform(({ l1origin, ...block }): L2Block => ({ ...block, l1Origin: l1origin })),
)

const syncStatus = v.pipe(
  v.object({
    unsafe_l2: l2Block,
    safe_l2: l2Block,
    finalized_l2: l2Block,
    head_l1: l1Block,
    current_l1: l1Block,
  }),
  v.transform(
    (status): SyncStatus => ({
      unsafe: status.unsafe_l2,
      safe: status.safe_l2,
      finalized: status.finalized_l2,
      headL1: status.head_l1,
      currentL1: status.current_l1,
    }),
  ),
)

/**
 * Reads how far the consensus client is. op-node answers from memory, so this says nothing about
 * its execution client.
 *
 * - JSON-RPC: `optimism_syncStatus`
 * - Timestamps are in seconds.
 */
export async function getSyncStatus(client: NodeClient): Promise<SyncStatus> {
  return v.parse(syncStatus, await client.request({ method: 'optimism_syncStatus' }))
}
