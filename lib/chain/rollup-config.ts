import * as v from 'valibot'
import type { BlockId } from '../protocol/block.ts'
import type { NodeClient } from './client.ts'
import { blockId, decimal } from './schema.ts'

/** What Baton needs of a rollup's configuration. Times in seconds. */
export type RollupConfig = {
  readonly l1ChainId: bigint
  readonly l2ChainId: bigint
  readonly blockTime: bigint
  readonly genesis: { readonly l1: BlockId; readonly l2: BlockId; readonly l2Time: bigint }
}

const rollupConfig = v.pipe(
  v.object({
    l1_chain_id: decimal,
    l2_chain_id: decimal,
    block_time: decimal,
    genesis: v.object({ l1: blockId, l2: blockId, l2_time: decimal }),
  }),
  v.transform(
    (config): RollupConfig => ({
      l1ChainId: config.l1_chain_id,
      l2ChainId: config.l2_chain_id,
      blockTime: config.block_time,
      genesis: { l1: config.genesis.l1, l2: config.genesis.l2, l2Time: config.genesis.l2_time },
    }),
  ),
)

/**
 * Reads the rollup's configuration as the consensus client was started with.
 *
 * - JSON-RPC: `optimism_rollupConfig`
 */
export async function getRollupConfig(client: NodeClient): Promise<RollupConfig> {
  return v.parse(rollupConfig, await client.request({ method: 'optimism_rollupConfig' }))
}
