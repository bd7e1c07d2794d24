import { getBlock } from '../../chain/block.ts'
import type { NodeClient } from '../../chain/client.ts'
import type { BlockId } from '../../protocol/block.ts'
import { hasState } from './has-state.ts'

/**
 * Looks whether a client really has a block: at its height, at or below its newest block, with its
 * state. Returns what shows that it has not, or `undefined`.
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
