import * as v from 'valibot'
import type { NodeClient } from './client.ts'

const peerStats = v.object({ connected: v.pipe(v.number(), v.integer(), v.minValue(0)) })

/**
 * Reads how many peers the consensus client is connected to.
 *
 * - JSON-RPC: `opp2p_peerStats`; fails when the node runs without p2p.
 */
export async function getPeerCount(client: NodeClient): Promise<number> {
  return v.parse(peerStats, await client.request({ method: 'opp2p_peerStats' })).connected
}
