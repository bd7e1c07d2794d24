import type { Hex } from 'viem'
import { keccak256, toRlp } from 'viem/utils'
import type { Hash } from '../protocol/block.ts'
import type { Envelope } from './envelope.ts'
import { orderedRoot, orderedRootInSlices } from './ordered-root.ts'

/**
 * A block's header after the merge, without its constant fields. Its optional fields identify the fork. Quantities are
 * minimal hex.
 */
export type Header = {
  readonly parentHash: Hash
  readonly miner: Hex
  readonly stateRoot: Hash
  readonly transactionsRoot: Hash
  readonly receiptsRoot: Hash
  readonly logsBloom: Hex
  readonly number: Hex
  readonly gasLimit: Hex
  readonly gasUsed: Hex
  readonly timestamp: Hex
  readonly extraData: Hex
  readonly mixHash: Hash
  readonly baseFeePerGas: Hex
  readonly withdrawalsRoot?: Hash | undefined
  readonly blobGasUsed?: Hex | undefined
  readonly excessBlobGas?: Hex | undefined
  readonly parentBeaconBlockRoot?: Hash | undefined
  readonly requestsHash?: Hash | undefined
}

const NO_UNCLES = '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347'
const NO_NONCE = '0x0000000000000000'
const NO_WITHDRAWALS = orderedRoot([])
/** SHA-256 of nothing: no OP Stack block has execution requests. */
const NO_REQUESTS = '0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** Hashes a header's content. */
export function hashHeader(header: Header): Hash {
  const { number, gasLimit, gasUsed, timestamp, baseFeePerGas, blobGasUsed, excessBlobGas } = header
  const fields: Hex[] = [
    header.parentHash,
    NO_UNCLES,
    header.miner,
    header.stateRoot,
    header.transactionsRoot,
    header.receiptsRoot,
    header.logsBloom,
    '0x',
    ...[number, gasLimit, gasUsed, timestamp].map(integer),
    header.extraData,
    header.mixHash,
    NO_NONCE,
    integer(baseFeePerGas),
  ]
  if (header.withdrawalsRoot) fields.push(header.withdrawalsRoot)
  if (blobGasUsed !== undefined && excessBlobGas !== undefined) {
    fields.push(integer(blobGasUsed), integer(excessBlobGas))
  }
  if (header.parentBeaconBlockRoot) fields.push(header.parentBeaconBlockRoot)
  if (header.requestsHash) fields.push(header.requestsHash)
  return keccak256(toRlp(fields))
}

/** Derives the header from a payload's content: hashes the transactions and ignores `blockHash`. */
export function headerOf(envelope: Envelope): Header {
  return assemble(envelope, orderedRoot(envelope.executionPayload.transactions))
}

function assemble({ executionPayload: payload, parentBeaconBlockRoot }: Envelope, transactionsRoot: Hash): Header {
  return {
    parentHash: payload.parentHash,
    miner: payload.feeRecipient,
    stateRoot: payload.stateRoot,
    transactionsRoot,
    receiptsRoot: payload.receiptsRoot,
    logsBloom: payload.logsBloom,
    number: payload.blockNumber,
    gasLimit: payload.gasLimit,
    gasUsed: payload.gasUsed,
    timestamp: payload.timestamp,
    extraData: payload.extraData,
    mixHash: payload.prevRandao,
    baseFeePerGas: payload.baseFeePerGas,
    blobGasUsed: payload.blobGasUsed,
    excessBlobGas: payload.excessBlobGas,
    parentBeaconBlockRoot,
    // Isthmus puts the message passer's storage root here, and adds the requests hash.
    ...(payload.withdrawalsRoot
      ? { withdrawalsRoot: payload.withdrawalsRoot, requestsHash: NO_REQUESTS }
      : { withdrawalsRoot: payload.withdrawals && NO_WITHDRAWALS }),
  }
}

/** Hashes the block of a payload, from its content. */
export function hashPayload(envelope: Envelope): Hash {
  return hashHeader(headerOf(envelope))
}

/** {@link hashPayload} as pausable work: see `inSlices`. */
export function* hashPayloadInSlices(envelope: Envelope): Generator<void, Hash> {
  return hashHeader(assemble(envelope, yield* orderedRootInSlices(envelope.executionPayload.transactions)))
}

/** A quantity in RLP's format: bytes without leading zeros, zero as empty. */
function integer(quantity: Hex): Hex {
  const digits = quantity.slice(2).replace(/^0+/, '')
  return digits.length % 2 ? `0x0${digits}` : `0x${digits}`
}
