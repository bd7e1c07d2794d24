import * as v from 'valibot'
import type { Hash } from '../protocol/block.ts'
import { type Header, hashHeader } from './header.ts'
import { bytes, hash, minimalQuantity } from './schema.ts'

/** What a header and a block with its transactions both have, by the names of JSON-RPC; optional: since a fork. */
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
  withdrawalsRoot: v.optional(hash),
  blobGasUsed: v.optional(minimalQuantity),
  excessBlobGas: v.optional(minimalQuantity),
  parentBeaconBlockRoot: v.optional(hash),
  requestsHash: v.optional(hash),
}

/** What else a block's JSON has: no part of the header, or the same in every header after the merge. */
const BESIDE = [
  ...['hash', 'transactions', 'transactionsRoot', 'withdrawals', 'uncles', 'size'],
  ...['sha3Uncles', 'nonce', 'difficulty', 'totalDifficulty'],
]
const KNOWN = new Set([...Object.keys(headerFields), ...BESIDE])

/** A block's header has fields of a fork this version does not know: its hash cannot be told from its content. */
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
 * Throws if a block's JSON has fields this version does not know and hashes to something else without them. Fields a
 * client adds for its users' sake are in no hash, and do not matter.
 *
 * @param named the hash the client names the block by.
 */
export function assertFieldsKnown(json: unknown, header: Header, named: Hash | undefined): void {
  const fields = Object.entries(json as object).flatMap(([name, value]) =>
    KNOWN.has(name) || value === null ? [] : [name],
  )
  if (fields.length === 0 || hashHeader(header) === named) return
  throw new UnknownHeaderFieldError(BigInt(header.number), fields)
}
