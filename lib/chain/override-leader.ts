import type { NodeClient } from './client.ts'

/**
 * Lets a node publish without asking its conductor, until its process is restarted: there is no way back
 * but that. Two nodes with it publish two chains.
 *
 * - JSON-RPC: `admin_overrideLeader` (needs `--rpc.enable-admin`)
 */
export async function overrideLeader(client: NodeClient): Promise<void> {
  await client.request({ method: 'admin_overrideLeader' })
}
