import * as v from 'valibot'
import type { NodeClient } from './client.ts'
import { classify } from './failure.ts'

/**
 * Reads whether the consensus client runs with `--conductor.enabled`; `undefined` when it is too old
 * to tell.
 *
 * - JSON-RPC: `admin_conductorEnabled` (needs `--rpc.enable-admin`)
 */
export async function getConductorEnabled(client: NodeClient): Promise<boolean | undefined> {
  try {
    return v.parse(v.boolean(), await client.request({ method: 'admin_conductorEnabled' }))
  } catch (error) {
    if (classify(error).failure === 'method') return undefined
    throw error
  }
}
