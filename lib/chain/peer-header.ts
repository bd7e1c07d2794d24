import * as v from 'valibot'
import type { BlockId, Hash } from '../protocol/block.ts'
import { type BlockQuery, requestBlock } from './block.ts'
import type { NodeClient } from './client.ts'
import { answer } from './failure.ts'
import { type Header, hashHeader } from './header.ts'
import { bytes, hash, minimalQuantity } from './schema.ts'

/** A field that blocks before a fork lack; some clients write null for that. */
const sinceFork = <T>(field: v.GenericSchema<unknown, T>) =>
  v.optional(
    v.pipe(
      v.nullable(field),
      v.transform((given): T | undefined => given ?? undefined),
    ),
  )

/** The fields common to a header and a block with transactions, under their JSON-RPC names; optional: since a fork. */
export const headerFields = {
  parentHash: hash,
  miner: bytes,
  stateRoot: hash,
  receiptsRoot: hash,
  logsBloom: bytes,
  mixHash: hash,
  number: minimalQuantity,
  gasLimit: minimalQuantity,
  gasUsed: minimalQuantity,
  timestamp: minimalQuantity,
  extraData: bytes,
  baseFeePerGas: minimalQuantity,
  withdrawalsRoot: sinceFork(hash),
  blobGasUsed: sinceFork(minimalQuantity),
  excessBlobGas: sinceFork(minimalQuantity),
  parentBeaconBlockRoot: sinceFork(hash),
  requestsHash: sinceFork(hash),
}

/** Other fields of a block's JSON: not part of the header, or the same in every header after the merge. */
const BESIDE = [
  ...['hash', 'transactions', 'transactionsRoot', 'withdrawals', 'uncles', 'size'],
  ...['sha3Uncles', 'nonce', 'difficulty', 'totalDifficulty'],
]
const KNOWN = new Set([...Object.keys(headerFields), ...BESIDE])

/** A block's header has fields of an unknown fork: its hash cannot be computed from its content. */
export class UnknownHeaderFieldError extends Error {
  override readonly name = 'UnknownHeaderFieldError'
  readonly fields: readonly string[]
  constructor(number: bigint, fields: readonly string[]) {
    const names = fields.map((field) => `"${field}"`).join(', ')
    super(
      `the header of block ${number} has ${names}, which this version of Baton does not know: upgrade Baton to one that knows the chain's fork`,
    )
    this.fields = fields
  }
}

/**
 * Throws if a block's JSON has unknown fields and its hash differs without them. Fields that a client adds for its
 * users are in no hash, and do not matter.
 *
 * @param named the hash by which the client names the block.
 */
export function assertFieldsKnown(json: unknown, header: Header, named: Hash | undefined): void {
  const fields = Object.entries(json as object).flatMap(([name, value]) =>
    KNOWN.has(name) || value === null ? [] : [name],
  )
  if (fields.length === 0 || hashHeader(header) === named) return
  throw new UnknownHeaderFieldError(BigInt(header.number), fields)
}

const header = v.object({
  ...headerFields,
  transactionsRoot: hash,
  hash: v.optional(hash),
})

/** A header with the hash of its content; the peer's claimed hash is ignored. */
export type HashedHeader = BlockId & { readonly header: Header }

/**
 * Reads a header of an execution client and hashes it; `null` if it has no such block. A header with a verified hash
 * proves its parent's hash, so a chain of headers proves itself. Throws `UnknownHeaderFieldError` for a later fork.
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

/**
 * Whether an execution client has the block its op-node names, and below it a child of the committed head, by headers
 * whose content matches their hash. `unknown` = no answer, or unknown header fields.
 *
 * - JSON-RPC: `eth_getBlockByHash`, `eth_getBlockByNumber`
 */
export async function showsAbove(
  client: NodeClient,
  named: BlockId,
  head: BlockId,
): Promise<'shown' | 'not-shown' | 'unknown'> {
  const [block, child] = await Promise.all([
    answer(getPeerHeader(client, { hash: named.hash })),
    answer(getPeerHeader(client, { number: head.number + 1n })),
  ])
  if (!block.ok || !child.ok) return 'unknown'
  if (block.value === null || child.value === null) return 'not-shown'
  const parent: Hash = child.value.header.parentHash
  if (block.value.number !== named.number || parent !== head.hash) return 'not-shown'
  return block.value.hash === named.hash ? 'shown' : 'unknown'
}
