import type { NodeClient } from './client.ts'
import type { Envelope } from './envelope.ts'

/**
 * Hands a payload to the consensus client. It only checks that the content has the named hash and
 * queues it: whether and when the block is adopted shows in the node's head, not here. A payload
 * whose parent is unknown waits in the queue.
 *
 * - JSON-RPC: `admin_postUnsafePayload` (needs `--rpc.enable-admin`)
 * - Fails with "payload has bad block hash".
 */
export async function postUnsafePayload(client: NodeClient, envelope: Envelope): Promise<void> {
  await client.request({ method: 'admin_postUnsafePayload', params: [envelope] })
}
