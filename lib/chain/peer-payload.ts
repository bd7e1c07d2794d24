import * as v from 'valibot'
import type { Hex, RpcTransaction, TransactionSerializable } from 'viem'
import { concat, formatTransaction, keccak256, numberToHex, serializeTransaction, toRlp } from 'viem/utils'
import { type BlockQuery, requestBlock } from './block.ts'
import type { NodeClient } from './client.ts'
import type { Envelope } from './envelope.ts'
import { assertFieldsKnown, headerFields } from './peer-header.ts'
import { bytes, hash, quantity } from './schema.ts'

/** op-reth writes it so since v2.6. */
const flag = v.pipe(
  quantity,
  v.transform((number) => number !== 0n),
)

const deposit = v.object({
  type: v.literal('0x7e'),
  hash,
  sourceHash: hash,
  from: bytes,
  to: v.nullish(bytes),
  mint: v.nullish(quantity),
  value: quantity,
  gas: quantity,
  isSystemTx: v.nullish(v.union([v.boolean(), flag])),
  input: bytes,
})

/** Lagoon's post-execution transaction: the refunds of its block, added unsigned by the block's builder. */
const postExec = v.object({ type: v.literal('0x7d'), hash, input: bytes })

/** viem's formatter reads the rest; the transaction's hash proves the result. */
const signed = v.looseObject({ type: v.string(), hash, input: bytes })

/** A full transaction of `eth_getBlockBy…`: an unsigned one, or a signed one of any type. */
export const rpcTransaction = v.union([deposit, postExec, signed])

type Deposit = v.InferOutput<typeof deposit>
type PostExec = v.InferOutput<typeof postExec>
type Signed = v.InferOutput<typeof signed>

/**
 * Encodes a transaction as in the block (EIP-2718). Throws if the bytes do not match the transaction's hash: its type
 * or a field is unknown.
 */
export function encodeTransaction(transaction: Deposit | PostExec | Signed): Hex {
  const { hash: named, type } = transaction
  let encoded: Hex
  try {
    encoded = encode(transaction)
  } catch (cause) {
    throw new TransactionEncodingError(named, type, cause)
  }
  if (keccak256(encoded) !== named) throw new TransactionEncodingError(named, type)
  return encoded
}

/** A transaction does not re-encode to the bytes of its hash. */
export class TransactionEncodingError extends Error {
  override readonly name = 'TransactionEncodingError'
  constructor(hash: Hex, type: string, cause?: unknown) {
    super(`transaction ${hash} of type ${type} does not encode to its hash`, { cause })
  }
}

function encode(transaction: Deposit | PostExec | Signed): Hex {
  if (isDeposit(transaction)) return encodeDeposit(transaction)
  return transaction.type === '0x7d' ? concat(['0x7d', transaction.input]) : encodeSigned(transaction)
}

function isDeposit(transaction: Deposit | PostExec | Signed): transaction is Deposit {
  return transaction.type === '0x7e'
}

/** As viem/op-stack would, which takes a quarter of a second to load; the hash proves the result. */
function encodeDeposit({ sourceHash, from, to, mint, value, gas, isSystemTx, input }: Deposit): Hex {
  const number = (each: bigint) => (each === 0n ? '0x' : numberToHex(each))
  const fields = [
    sourceHash,
    from,
    to ?? '0x',
    number(mint ?? 0n),
    number(value),
    number(gas),
    isSystemTx ? '0x01' : '0x',
    input,
  ] as const
  return concat(['0x7e', toRlp(fields)])
}

function encodeSigned(transaction: PostExec | Signed): Hex {
  const { input, r, s, v, yParity, ...fields } = formatTransaction(transaction as unknown as RpcTransaction)
  const signature = yParity === undefined ? { r, s, v } : { r, s, v, yParity }
  return serializeTransaction({ ...fields, data: input } as TransactionSerializable, signature)
}

const block = v.object({
  ...headerFields,
  hash,
  transactionsRoot: hash,
  transactions: v.array(rpcTransaction),
  withdrawals: v.optional(v.tuple([])),
})

/**
 * Fetches a block from a peer's execution client and rebuilds the payload that op-node gossiped, for
 * `postUnsafePayload`; `null` if the peer lacks the block. Compare its `blockHash` with the committed one: the
 * receiving node checks that the content has that hash.
 *
 * - JSON-RPC: `eth_getBlockByNumber` or `eth_getBlockByHash`, with full transactions
 */
export async function getPeerPayload(client: NodeClient, query: BlockQuery): Promise<Envelope | null> {
  const answered = await requestBlock(client, query, true)
  return answered === null || answered === undefined ? null : rebuildPayload(answered)
}

/**
 * Rebuilds a payload from a block's JSON with full transactions, for every fork through Lagoon. Throws if the JSON is
 * not such a block, a transaction does not re-encode to its own hash, or the header has fields of a later fork
 * (`UnknownHeaderFieldError`).
 */
export function rebuildPayload(json: unknown): Envelope {
  const parsed = v.parse(block, json)
  assertFieldsKnown(json, parsed, parsed.hash)
  const { parentBeaconBlockRoot, ...header } = parsed
  return {
    ...(parentBeaconBlockRoot && { parentBeaconBlockRoot }),
    executionPayload: {
      parentHash: header.parentHash,
      feeRecipient: header.miner,
      stateRoot: header.stateRoot,
      receiptsRoot: header.receiptsRoot,
      logsBloom: header.logsBloom,
      prevRandao: header.mixHash,
      blockNumber: header.number,
      gasLimit: header.gasLimit,
      gasUsed: header.gasUsed,
      timestamp: header.timestamp,
      extraData: header.extraData,
      baseFeePerGas: header.baseFeePerGas,
      blockHash: header.hash,
      transactions: header.transactions.map(encodeTransaction),
      ...(header.withdrawals && { withdrawals: header.withdrawals }),
      ...(header.blobGasUsed !== undefined && { blobGasUsed: header.blobGasUsed }),
      ...(header.excessBlobGas !== undefined && { excessBlobGas: header.excessBlobGas }),
      // Headers have a withdrawals root since Canyon; payloads name it since Isthmus, which also added the requests
      // hash.
      ...(header.requestsHash && header.withdrawalsRoot && { withdrawalsRoot: header.withdrawalsRoot }),
    },
  }
}
