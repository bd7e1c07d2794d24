import type { NodeClient } from './client.ts'

/**
 * Has a node look at L1 anew: it goes back to the newest block whose L1 origin is canonical, and derives from there.
 * Blocks L1 still stands behind are kept.
 *
 * - JSON-RPC: `admin_resetDerivationPipeline` (needs `--rpc.enable-admin`)
 */
export async function resetDerivation(client: NodeClient): Promise<void> {
  await client.request({ method: 'admin_resetDerivationPipeline' })
}
