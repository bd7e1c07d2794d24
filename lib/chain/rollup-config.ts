import * as v from 'valibot'
import type { Hex } from 'viem'
import type { BlockId } from '../protocol/block.ts'
import type { NodeClient } from './client.ts'
import { blockId, bytes, decimal } from './schema.ts'

/** The fields Baton reads of a rollup's configuration. Times in seconds. */
export type RollupConfig = {
  readonly l1ChainId: bigint
  readonly l2ChainId: bigint
  readonly blockTime: bigint
  readonly genesis: { readonly l1: BlockId; readonly l2: BlockId; readonly l2Time: bigint }
  /** The number of L1 blocks within which a batch must be included. */
  readonly seqWindowSize?: bigint
  /** Before Fjord; from Fjord on the limit is {@link FJORD_DRIFT_S}. */
  readonly maxSequencerDrift?: bigint
  readonly fjordTime?: bigint
  /** The batcher at genesis; the system configuration on L1 may have changed it since. */
  readonly batcher?: Hex
  readonly batchInbox?: Hex
}

/** The most seconds a block's timestamp may be ahead of its L1 origin's, since Fjord. */
export const FJORD_DRIFT_S = 1_800

const rollupConfig = v.pipe(
  v.object({
    l1_chain_id: decimal,
    l2_chain_id: decimal,
    block_time: decimal,
    genesis: v.object({
      l1: blockId,
      l2: blockId,
      l2_time: decimal,
      system_config: v.optional(v.object({ batcherAddr: v.optional(bytes) })),
    }),
    seq_window_size: v.optional(decimal),
    max_sequencer_drift: v.optional(decimal),
    fjord_time: v.nullish(decimal),
    batch_inbox_address: v.optional(bytes),
  }),
  v.transform(
    (config): RollupConfig => ({
      l1ChainId: config.l1_chain_id,
      l2ChainId: config.l2_chain_id,
      blockTime: config.block_time,
      genesis: { l1: config.genesis.l1, l2: config.genesis.l2, l2Time: config.genesis.l2_time },
      ...(config.seq_window_size !== undefined && { seqWindowSize: config.seq_window_size }),
      ...(config.max_sequencer_drift !== undefined && { maxSequencerDrift: config.max_sequencer_drift }),
      ...(typeof config.fjord_time === 'bigint' && { fjordTime: config.fjord_time }),
      ...(config.genesis.system_config?.batcherAddr && { batcher: config.genesis.system_config.batcherAddr }),
      ...(config.batch_inbox_address && { batchInbox: config.batch_inbox_address }),
    }),
  ),
)

/**
 * Reads the rollup configuration that the consensus client was started with.
 *
 * - JSON-RPC: `optimism_rollupConfig`
 */
export async function getRollupConfig(client: NodeClient): Promise<RollupConfig> {
  return v.parse(rollupConfig, await client.request({ method: 'optimism_rollupConfig' }))
}
