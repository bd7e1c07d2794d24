import * as v from 'valibot'
import { type BlockTag, type Hex, numberToHex } from 'viem'
import type { Block, Hash } from '../protocol/block.ts'
import type { NodeClient } from './client.ts'
import { hash, quantity } from './schema.ts'

/** Which block: by number, by hash, or by tag. */
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

/** The block's JSON as the execution client sent it, unparsed; its transactions in full or as hashes. */
export function requestBlock(client: NodeClient, query: BlockQuery, transactions: boolean): Promise<unknown> {
  if ('hash' in query) return client.request({ method: 'eth_getBlockByHash', params: [query.hash, transactions] })
  const at: Hex | BlockTag = 'number' in query ? numberToHex(query.number) : query.tag
  return client.request({ method: 'eth_getBlockByNumber', params: [at, transactions] })
}
