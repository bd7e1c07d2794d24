import * as v from 'valibot'
import type { BlockQuery } from './block.ts'
import { requestBlock } from './block.ts'
import type { NodeClient } from './client.ts'
import type { Envelope } from './envelope.ts'
import { assertFieldsKnown, headerFields } from './header-fields.ts'
import { hash } from './schema.ts'
import { encodeTransaction, rpcTransaction } from './transaction.ts'

const block = v.object({
  ...headerFields,
  hash,
  transactionsRoot: hash,
  transactions: v.array(rpcTransaction),
  withdrawals: v.optional(v.tuple([])),
})

/**
 * Fetches a block from a peer's execution client and rebuilds the payload op-node once gossiped, for
 * `postUnsafePayload`; `null` if the peer has no such block. Compare its `blockHash` with the
 * committed one: the node that takes it checks that the content has that hash.
 *
 * - JSON-RPC: `eth_getBlockByNumber` or `eth_getBlockByHash`, with full transactions
 */
export async function getPeerPayload(client: NodeClient, query: BlockQuery): Promise<Envelope | null> {
  const answered = await requestBlock(client, query, true)
  return answered === null || answered === undefined ? null : rebuildPayload(answered)
}

/**
 * Rebuilds a payload from a block's JSON with full transactions, for every fork through Lagoon.
 * Throws if the JSON is no such block, a transaction does not re-encode to its own hash, or the header has fields of
 * a later fork (`UnknownHeaderFieldError`).
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
      // A header has a withdrawals root since Canyon; the payload names it since Isthmus, the fork
      // that also brought the requests hash.
      ...(header.requestsHash && header.withdrawalsRoot && { withdrawalsRoot: header.withdrawalsRoot }),
    },
  }
}
