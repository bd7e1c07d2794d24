import * as v from 'valibot'
import type { NodeClient } from './client.ts'

/**
 * Reads whether the consensus client's sequencer is on. It stays on when commits are refused.
 *
 * - JSON-RPC: `admin_sequencerActive` (needs `--rpc.enable-admin`)
 */
export async function getSequencerActive(client: NodeClient): Promise<boolean> {
  return v.parse(v.boolean(), await client.request({ method: 'admin_sequencerActive' }))
}
