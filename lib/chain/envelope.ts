import type { Hex } from 'viem'
import type { Hash } from '../protocol/block.ts'

/**
 * An execution payload as op-node writes it in JSON: every value 0x-hex, quantities minimal.
 * Which optional fields exist tells the fork, and they are part of what the block hash covers.
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

/** What op-node commits, gossips and takes by `admin_postUnsafePayload`. */
export type Envelope = {
  /** From Ecotone on. */
  readonly parentBeaconBlockRoot?: Hash
  readonly executionPayload: ExecutionPayload
}
