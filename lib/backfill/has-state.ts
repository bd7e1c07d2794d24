import { InvalidParamsRpcError } from 'viem'
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
    // Some clients call the number of a block they do not have an invalid parameter.
    if (classify(error).failure === 'other' || error instanceof InvalidParamsRpcError) return false
    throw error
  }
}
