import * as v from 'valibot'
import type { Hash } from '../protocol/block.ts'
import type { NodeClient } from './client.ts'
import { hash } from './schema.ts'

/**
 * Stops the sequencer and returns the hash of the node's head. Some versions block this call for as
 * long as a block they sealed is not inserted (seconds, or forever on a fenced node): give the client
 * a timeout and do not let anything wait for it.
 *
 * - JSON-RPC: `admin_stopSequencer` (needs `--rpc.enable-admin`)
 * - Fails with "sequencer not running" when it is stopped already.
 */
export async function stopSequencer(client: NodeClient): Promise<Hash> {
  return v.parse(hash, await client.request({ method: 'admin_stopSequencer' }))
}
