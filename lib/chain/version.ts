import * as v from 'valibot'
import type { NodeClient } from './client.ts'

/**
 * Reads what a client says it is, for people: a build of one's own may say anything.
 *
 * - JSON-RPC: `optimism_version` (consensus), `web3_clientVersion` (execution)
 */
export async function getVersion(
  client: NodeClient,
  method: 'optimism_version' | 'web3_clientVersion',
): Promise<string> {
  return v.parse(v.pipe(v.string(), v.maxLength(200)), await client.request({ method }))
}
