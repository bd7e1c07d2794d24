import type { BlockId, Hash } from '../protocol/block.ts'
import type { NodeClient } from './client.ts'
import { answer } from './failure.ts'
import { getPeerHeader } from './peer-header.ts'

/**
 * Whether an execution client can show the block its op-node names, and below it a child of the committed head, by
 * headers whose content has their hash. `unknown` = it does not answer, or its headers have fields we do not know.
 *
 * - JSON-RPC: `eth_getBlockByHash`, `eth_getBlockByNumber`
 */
export async function showsAbove(
  client: NodeClient,
  named: BlockId,
  head: BlockId,
): Promise<'shown' | 'not-shown' | 'unknown'> {
  const [block, child] = await Promise.all([
    answer(getPeerHeader(client, { hash: named.hash })),
    answer(getPeerHeader(client, { number: head.number + 1n })),
  ])
  if (!block.ok || !child.ok) return 'unknown'
  if (block.value === null || child.value === null) return 'not-shown'
  const parent: Hash = child.value.header.parentHash
  if (block.value.number !== named.number || parent !== head.hash) return 'not-shown'
  return block.value.hash === named.hash ? 'shown' : 'unknown'
}
