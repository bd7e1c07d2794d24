import * as v from 'valibot'
import type { BlockId } from '../protocol/block.ts'
import { type BlockQuery, requestBlock } from './block.ts'
import type { NodeClient } from './client.ts'
import { type Header, hashHeader } from './header.ts'
import { assertFieldsKnown, headerFields } from './header-fields.ts'
import { hash } from './schema.ts'

const header = v.object({
  ...headerFields,
  transactionsRoot: hash,
  hash: v.optional(hash),
})

/** A header with the hash of its content: what the peer says the hash is, is not believed. */
export type HashedHeader = BlockId & { readonly header: Header }

/**
 * Reads a header of an execution client and hashes it; `null` if it has no such block. A header whose
 * hash is known to be right tells its parent's, so a chain of them proves itself. Throws
 * `UnknownHeaderFieldError` for one of a later fork.
 *
 * - JSON-RPC: `eth_getBlockByNumber` or `eth_getBlockByHash`
 */
export async function getPeerHeader(client: NodeClient, query: BlockQuery): Promise<HashedHeader | null> {
  const answered = await requestBlock(client, query, false)
  if (answered === null || answered === undefined) return null
  const { hash: named, ...parsed } = v.parse(header, answered)
  assertFieldsKnown(answered, parsed, named)
  return { number: BigInt(parsed.number), hash: hashHeader(parsed), header: parsed }
}
