import { getBlock } from '../../chain/block.ts'
import type { NodeClient } from '../../chain/client.ts'
import { AnsweredError } from '../../chain/errors.ts'
import { probeState } from '../../chain/execution.ts'
import { classify } from '../../chain/failure.ts'
import type { BlockId } from '../../protocol/block.ts'

/**
 * Verifies that a client has a block: at its height, at or below its newest block, with its state. Returns evidence of
 * the contrary, or `undefined`.
 */
export async function missingAt(execution: NodeClient, { number, hash }: BlockId): Promise<string | undefined> {
  const [at, latest, state] = await Promise.all([
    getBlock(execution, { number }),
    getBlock(execution, { tag: 'latest' }),
    hasState(execution, number),
  ])
  if (!at) return `it has no block ${number}`
  if (at.hash !== hash) return `its block ${number} is ${at.hash}`
  if (!latest || latest.number < number) return `its newest block is ${latest?.number ?? 'none'}`
  return state ? undefined : `the state of block ${number} cannot be read`
}

/** JSON-RPC: invalid params. */
const INVALID_PARAMS = -32602

/**
 * Whether the client can read the state of its block `number`. Rejects when the client cannot be asked: silence proves
 * nothing about the state.
 */
export async function hasState(client: NodeClient, number: bigint): Promise<boolean> {
  try {
    await probeState(client, number)
    return true
  } catch (error) {
    // Only the client's own answers count. Some clients call the number of a block they lack an invalid parameter.
    const answered = error instanceof AnsweredError
    if (answered && (classify(error).failure === 'other' || error.code === INVALID_PARAMS)) return false
    throw error
  }
}
