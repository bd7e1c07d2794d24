import type { NodeClient } from '../../chain/client.ts'
import { AnsweredError } from '../../chain/errors.ts'
import { probeState } from '../../chain/execution.ts'
import { classify } from '../../chain/failure.ts'

/** JSON-RPC: invalid params. */
const INVALID_PARAMS = -32602

/**
 * Whether the client can read the state of its block `number`. Rejects when it could not be asked:
 * silence proves nothing about the state.
 */
export async function hasState(client: NodeClient, number: bigint): Promise<boolean> {
  try {
    await probeState(client, number)
    return true
  } catch (error) {
    // Only its own words count. Some clients call the number of a block they do not have an invalid parameter.
    const answered = error instanceof AnsweredError
    if (answered && (classify(error).failure === 'other' || error.code === INVALID_PARAMS)) return false
    throw error
  }
}
