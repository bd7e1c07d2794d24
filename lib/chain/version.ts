import * as v from 'valibot'
import { saidByOthers } from '../protocol/printable.ts'
import type { NodeClient } from './client.ts'

const MOST = 200

/**
 * Reads what a client says it is, for people: a build of one's own may say anything, and at any length.
 *
 * - JSON-RPC: `optimism_version` (consensus), `web3_clientVersion` (execution)
 */
export async function getVersion(
  client: NodeClient,
  method: 'optimism_version' | 'web3_clientVersion',
): Promise<string> {
  return saidByOthers(v.parse(v.string(), await client.request({ method })), MOST)
}
