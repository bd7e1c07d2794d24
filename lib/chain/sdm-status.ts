import * as v from 'valibot'
import type { NodeClient } from './client.ts'

const status = v.object({ operatorSdmOptIn: v.boolean() })

/**
 * Reads whether a client was told to put post-execution transactions into its blocks (Lagoon). It is kept in memory
 * and lost when the process ends.
 *
 * - JSON-RPC: `admin_sdmStatus`; fails on clients of before Lagoon, and where the admin API is not served.
 */
export async function getSdmOptIn(client: NodeClient): Promise<boolean> {
  return v.parse(status, await client.request({ method: 'admin_sdmStatus' })).operatorSdmOptIn
}
