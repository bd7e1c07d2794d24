import * as v from 'valibot'
import type { BlockTag, Hex } from 'viem'
import { numberToHex } from 'viem/utils'
import type { Block, Hash } from '../protocol/block.ts'
import type { NodeClient } from './client.ts'
import { isPruned } from './errors.ts'
import { hash, quantity } from './schema.ts'

/** Selects a block: by number, by hash, or by tag. */
export type BlockQuery =
  | { readonly number: bigint }
  | { readonly hash: Hash }
  | { readonly tag: Exclude<BlockTag, 'pending'> }

const header = v.nullable(v.object({ number: quantity, hash, parentHash: hash, timestamp: quantity }))

/**
 * Reads a block of the execution client, without its L1 origin; `null` if it has none.
 *
 * - JSON-RPC: `eth_getBlockByNumber`, or `eth_getBlockByHash`
 * - Fails for `safe` and `finalized` while the node knows none.
 */
export async function getBlock(client: NodeClient, query: BlockQuery): Promise<Block | null> {
  return v.parse(header, await requestBlock(client, query, false))
}

/**
 * The block's JSON exactly as the execution client sent it; its transactions in full or as hashes. `null` also for a
 * pruned block: the client does not have it.
 */
export async function requestBlock(client: NodeClient, query: BlockQuery, transactions: boolean): Promise<unknown> {
  try {
    return await request(client, query, transactions)
  } catch (error) {
    if (isPruned(error)) return null
    throw error
  }
}

/**
 * Whether the client lacks the block of this number because its history was pruned; `false` = not pruned, or no answer.
 */
export function hasPruned(client: NodeClient, number: bigint): Promise<boolean> {
  return request(client, { number }, false).then(() => false, isPruned)
}

function request(client: NodeClient, query: BlockQuery, transactions: boolean): Promise<unknown> {
  if ('hash' in query) return client.request({ method: 'eth_getBlockByHash', params: [query.hash, transactions] })
  const at: Hex | BlockTag = 'number' in query ? numberToHex(query.number) : query.tag
  return client.request({ method: 'eth_getBlockByNumber', params: [at, transactions] })
}

/**
 * Reads the hash of the execution client's canonical block at a number; `null` if it has none.
 *
 * - JSON-RPC: `eth_getBlockByNumber`
 */
export async function getBlockHash(client: NodeClient, number: bigint): Promise<Hash | null> {
  const block = await getBlock(client, { number })
  return block?.hash ?? null
}

/** Reads only the number of receipts, not their content. */
const receipts = v.nullable(v.array(v.unknown()))

/**
 * Counts the receipts that the execution client has for a block; `null` if it stores none.
 *
 * - JSON-RPC: `eth_getBlockReceipts`
 */
export async function countReceipts(client: NodeClient, number: bigint): Promise<number | null> {
  const answered = await client
    .request({ method: 'eth_getBlockReceipts', params: [numberToHex(number)] })
    .catch((error: unknown) => {
      if (isPruned(error)) return null
      throw error
    })
  return v.parse(receipts, answered)?.length ?? null
}
