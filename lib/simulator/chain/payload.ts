import { hash } from 'node:crypto'
import { type Hex, numberToHex } from 'viem'
import { type Envelope, type ExecutionPayload, l1Origin } from '../../chain/envelope.ts'
import type { BlockId, Hash } from '../../protocol/block.ts'
import type { L1Block, L2Block } from '../../protocol/observation.ts'
import { l1InfoDeposit, sequenceNumberOf } from './transactions.ts'

/** A block of the simulated chain: its protocol fields and its payload. */
export type SimulatedBlock = L2Block & { readonly sequenceNumber: number; readonly envelope: Envelope }

/** What a new block is made of. */
export type Ingredients = {
  readonly parent: SimulatedBlock
  /** Seconds. */
  readonly timestamp: bigint
  readonly origin: L1Block
  readonly transactions: readonly Hex[]
  /** Default {@link payloadHash}. */
  readonly hashOf?: HashOf
}

/** How a payload is hashed; the same for all clients of a chain. */
export type HashOf = (envelope: Envelope) => Hash

/** Native, and thus ten times as fast as keccak-256 in JavaScript. */
const word = (text: string): Hash => `0x${hash('sha3-256', text)}`
const emptyBloom: Hex = `0x${'00'.repeat(256)}`

/**
 * A hash for chains with millions of blocks: SHA3-256 over the payload's fields. It is not the hash of an Ethereum
 * header, which the chain of `startSimulatedChain` has. A field that no fork has marks such payloads, and the payload
 * check lets them pass as those of an unknown fork.
 */
export function payloadHash({ parentBeaconBlockRoot, executionPayload }: Envelope): Hash {
  const { blockHash: _, ...content } = executionPayload
  const fields = Object.entries({ ...content, parentBeaconBlockRoot }).sort(([a], [b]) => (a < b ? -1 : 1))
  return word(JSON.stringify(fields))
}

/** Builds a block as an Isthmus sequencer would: L1-info deposit first, then the users' transactions. */
export function buildBlock({ parent, timestamp, origin, transactions, hashOf }: Ingredients): SimulatedBlock {
  const sequenceNumber = parent.l1Origin.number === origin.number ? parent.sequenceNumber + 1 : 0
  const number = parent.number + 1n
  return sealed(
    {
      parentBeaconBlockRoot: word(`beacon root ${origin.number}`),
      executionPayload: {
        ...common,
        parentHash: parent.hash,
        stateRoot: word(`state ${parent.hash} ${transactions.join()}`),
        receiptsRoot: word(`receipts ${parent.hash} ${transactions.join()}`),
        prevRandao: word(`randao ${origin.number}`),
        blockNumber: numberToHex(number),
        gasUsed: numberToHex(46_000 + 21_000 * transactions.length),
        timestamp: numberToHex(timestamp),
        transactions: [l1InfoDeposit(origin, sequenceNumber), ...transactions],
      },
    },
    hashOf,
  )
}

/** Block 0, the same on every node. */
export function genesisBlock(timestamp: bigint, origin: BlockId, hashOf?: HashOf): SimulatedBlock {
  const block = sealed(
    {
      parentBeaconBlockRoot: word('beacon root 0'),
      executionPayload: {
        ...common,
        parentHash: `0x${'00'.repeat(32)}`,
        stateRoot: word('genesis state'),
        receiptsRoot: word('no receipts'),
        prevRandao: word('randao 0'),
        blockNumber: '0x0',
        gasUsed: '0x0',
        timestamp: numberToHex(timestamp),
        transactions: [],
      },
    },
    hashOf,
  )
  return { ...block, l1Origin: origin }
}

/** Reads a payload from elsewhere; its hash must have been checked. */
export function blockOf(envelope: Envelope): SimulatedBlock {
  const { blockNumber, blockHash, parentHash, timestamp, transactions } = envelope.executionPayload
  const [deposit] = transactions
  return {
    number: BigInt(blockNumber),
    hash: blockHash,
    parentHash,
    timestamp: BigInt(timestamp),
    l1Origin: l1Origin(deposit) ?? { number: 0n, hash: `0x${'00'.repeat(32)}` },
    sequenceNumber: sequenceNumberOf(deposit),
    envelope,
  }
}

const common = {
  feeRecipient: '0x4200000000000000000000000000000000000011',
  logsBloom: emptyBloom,
  gasLimit: numberToHex(60_000_000),
  // Holocene: version 0, EIP-1559 denominator 250, elasticity 6
  extraData: '0x00000000fa00000006',
  baseFeePerGas: numberToHex(1_000_000),
  withdrawals: [],
  blobGasUsed: '0x0',
  excessBlobGas: '0x0',
  withdrawalsRoot: word('message passer'),
} as const

type Unsealed = {
  readonly parentBeaconBlockRoot: Hash
  readonly executionPayload: Omit<ExecutionPayload, 'blockHash'>
}

function sealed({ parentBeaconBlockRoot, executionPayload }: Unsealed, hashOf?: HashOf): SimulatedBlock {
  const ownRule = hashOf ? {} : { hashedBy: 'SHA3-256 over JSON' }
  const blank = {
    parentBeaconBlockRoot,
    executionPayload: { ...executionPayload, ...ownRule, blockHash: '0x' as const },
  }
  const blockHash = (hashOf ?? payloadHash)(blank)
  return blockOf({ ...blank, executionPayload: { ...blank.executionPayload, blockHash } })
}
