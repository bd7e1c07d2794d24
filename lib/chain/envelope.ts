import * as v from 'valibot'
import type { Hex } from 'viem'
import { fromRlp } from 'viem/utils'
import type { Block, BlockId, Hash } from '../protocol/block.ts'
import { bytes, hash, quantity } from './schema.ts'

/**
 * An execution payload in op-node's JSON format: every value 0x-hex, quantities minimal. Its optional fields identify
 * the fork and are part of the block hash.
 */
export type ExecutionPayload = {
  readonly parentHash: Hash
  readonly feeRecipient: Hex
  readonly stateRoot: Hash
  readonly receiptsRoot: Hash
  readonly logsBloom: Hex
  readonly prevRandao: Hash
  readonly blockNumber: Hex
  readonly gasLimit: Hex
  readonly gasUsed: Hex
  readonly timestamp: Hex
  readonly extraData: Hex
  readonly baseFeePerGas: Hex
  readonly blockHash: Hash
  /** EIP-2718 bytes; the first one is the L1-info deposit. */
  readonly transactions: readonly Hex[]
  /** From Canyon on; always empty. */
  readonly withdrawals?: readonly []
  /** From Ecotone on. */
  readonly blobGasUsed?: Hex
  readonly excessBlobGas?: Hex
  /** From Isthmus on: the storage root of the message passer. */
  readonly withdrawalsRoot?: Hash
}

/** The format that op-node commits, gossips and accepts by `admin_postUnsafePayload`. */
export type Envelope = {
  /** From Ecotone on. */
  readonly parentBeaconBlockRoot?: Hash
  readonly executionPayload: ExecutionPayload
}

const payloadEnvelope = v.object({
  executionPayload: v.object({
    parentHash: hash,
    blockHash: hash,
    blockNumber: quantity,
    timestamp: quantity,
    transactions: v.array(bytes),
  }),
})

/** Parses the block of an envelope (JSON text), with its L1 origin if present. Throws if it is not one. */
export function blockOfPayload(json: string): Block {
  const { executionPayload } = v.parse(payloadEnvelope, JSON.parse(json))
  const { blockNumber: number, blockHash, parentHash, timestamp, transactions } = executionPayload
  const origin = l1Origin(transactions[0])
  return { number, hash: blockHash, parentHash, timestamp, ...(origin && { l1Origin: origin }) }
}

type Layout = { readonly number: number; readonly hash: number; readonly bytes: number }

const packed = { number: 28, hash: 100, bytes: 164 }

/** The positions of the L1 block's number (its last 8 bytes) and hash in the calldata, by selector. */
const layouts: ReadonlyMap<number, Layout> = new Map([
  // setL1BlockValues: ABI words
  [0x015d8eb9, { number: 4 + 24, hash: 4 + 3 * 32, bytes: 4 + 8 * 32 }],
  // setL1BlockValuesEcotone, -Interop, -Isthmus, -Jovian: packed, later ones only append
  [0x440a5e20, packed],
  [0x760ee04d, packed],
  [0x098999be, packed],
  [0x3db6be2b, packed],
])

/**
 * Reads a payload's L1 origin from its first transaction (the L1-info deposit that op-node puts into every block).
 * `undefined` for an unknown format.
 */
export function l1Origin(firstTransaction: Hex | undefined): BlockId | undefined {
  if (!firstTransaction?.startsWith('0x7e')) return undefined
  const data = depositData(firstTransaction)
  const layout = data && data.length >= 4 ? layouts.get(data.readUInt32BE()) : undefined
  if (data === undefined || layout === undefined || data.length < layout.bytes) return undefined
  return {
    number: data.readBigUInt64BE(layout.number),
    hash: `0x${data.toString('hex', layout.hash, layout.hash + 32)}` satisfies Hash,
  }
}

/**
 * The calldata: the last of a deposit's eight fields. Works on bytes, a fifth of the time of hex: this runs at each
 * commit.
 */
function depositData(transaction: Hex): Buffer | undefined {
  try {
    const fields = fromRlp(Buffer.from(transaction.slice(4), 'hex'), 'bytes')
    const data = Array.isArray(fields) ? fields[7] : undefined
    return data instanceof Uint8Array ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : undefined
  } catch {
    return undefined
  }
}
