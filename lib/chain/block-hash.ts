import type { Hash } from '../protocol/block.ts'
import { getBlock } from './block.ts'
import type { NodeClient } from './client.ts'

/**
 * Reads the hash of the execution client's canonical block at a number; `null` if it has none.
 *
 * - JSON-RPC: `eth_getBlockByNumber`
 */
export async function getBlockHash(client: NodeClient, number: bigint): Promise<Hash | null> {
  const block = await getBlock(client, { number })
  return block?.hash ?? null
}
