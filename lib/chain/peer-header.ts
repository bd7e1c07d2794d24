import * as v from 'valibot'
import type { BlockId } from '../protocol/block.ts'
import { type BlockQuery, requestBlock } from './block.ts'
import type { NodeClient } from './client.ts'
import { type Header, hashHeader } from './header.ts'
import { bytes, hash, minimalQuantity } from './schema.ts'

const header = v.object({
  parentHash: hash,
  miner: bytes,
  stateRoot: hash,
  transactionsRoot: hash,
  receiptsRoot: hash,
  logsBloom: bytes,
  mixHash: hash,
  number: minimalQuantity,
  gasLimit: minimalQuantity,
  gasUsed: minimalQuantity,
  timestamp: minimalQuantity,
  extraData: bytes,
  baseFeePerGas: minimalQuantity,
  withdrawalsRoot: v.optional(hash),
  blobGasUsed: v.optional(minimalQuantity),
  excessBlobGas: v.optional(minimalQuantity),
  parentBeaconBlockRoot: v.optional(hash),
  requestsHash: v.optional(hash),
})

/** A header with the hash of its content: what the peer says the hash is, is not believed. */
export type HashedHeader = BlockId & { readonly header: Header }

/**
 * Reads a header of an execution client and hashes it; `null` if it has no such block. A header whose
 * hash is known to be right tells its parent's, so a chain of them proves itself.
 *
 * - JSON-RPC: `eth_getBlockByNumber` or `eth_getBlockByHash`
 */
export async function getPeerHeader(client: NodeClient, query: BlockQuery): Promise<HashedHeader | null> {
  const answered = await requestBlock(client, query, false)
  if (answered === null || answered === undefined) return null
  const parsed = v.parse(header, answered)
  return { number: BigInt(parsed.number), hash: hashHeader(parsed), header: parsed }
}
