import * as v from 'valibot'
import type { NodeClient } from './client.ts'

const answer = v.union([v.literal(false), v.looseObject({ currentBlock: v.string() })])

/**
 * Whether the execution client syncs by itself from its peers. What it says is no proof: a client
 * whose state is gone says `false`, too.
 *
 * - JSON-RPC: `eth_syncing`
 */
export async function getSyncing(client: NodeClient): Promise<boolean> {
  return v.parse(answer, await client.request({ method: 'eth_syncing' })) !== false
}
