import type { NodeClient } from '../chain/client.ts'
import { classify } from '../chain/failure.ts'
import { probeState } from '../chain/probe-state.ts'

/**
 * Whether the client can read the state of its block `number`. Rejects when it could not be asked:
 * silence proves nothing about the state.
 */
export async function hasState(client: NodeClient, number: bigint): Promise<boolean> {
  try {
    await probeState(client, number)
    return true
  } catch (error) {
    if (classify(error).failure === 'other') return false
    throw error
  }
}
