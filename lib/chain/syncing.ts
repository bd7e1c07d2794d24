import * as v from 'valibot'
import type { NodeClient } from './client.ts'
import { quantity } from './schema.ts'

const answer = v.union([v.literal(false), v.looseObject({ currentBlock: quantity, highestBlock: quantity })])

/**
 * Whether the execution client syncs blocks by itself from its peers; indexing what it has, which
 * clients report as well, is none. What it says is no proof: a client whose state is gone says
 * `false`, and one without peers syncs for ever.
 *
 * - JSON-RPC: `eth_syncing`
 */
export async function getSyncing(client: NodeClient): Promise<boolean> {
  const progress = v.parse(answer, await client.request({ method: 'eth_syncing' }))
  return progress !== false && progress.highestBlock > progress.currentBlock
}
