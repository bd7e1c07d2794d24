import type { NodeClient } from './client.ts'
import { AnsweredError, isUnknownMethod } from './errors.ts'

/** JSON-RPC: the method is there, and what it was given is not enough. */
const INVALID_PARAMS = -32602

/**
 * Whether an execution client serves `miner_setMaxDASize`, with which a batcher slows a sequencer down; `undefined` =
 * it does not say. Asked without its two parameters, which every client refuses: nothing is set.
 *
 * - JSON-RPC: `miner_setMaxDASize`
 */
export async function offersThrottling(client: NodeClient): Promise<boolean | undefined> {
  try {
    await client.request({ method: 'miner_setMaxDASize' })
    return undefined
  } catch (error) {
    if (error instanceof AnsweredError && error.code === INVALID_PARAMS) return true
    return isUnknownMethod(error) ? false : undefined
  }
}
