import { createHash } from 'node:crypto'
import type { Envelope } from '../../lib/chain/envelope.ts'
import { hashPayload } from '../../lib/chain/header.ts'
import type { Block, Hash } from '../../lib/protocol/block.ts'

/** A hash that stands for some text. */
export function hashOf(text: string): Hash {
  return `0x${createHash('sha256').update(text).digest('hex')}`
}

/** The genesis of test chains, number 100. */
export const genesis: Block = { number: 100n, hash: hashOf('genesis'), parentHash: hashOf('none'), timestamp: 1000n }

/** What was made below, by hash: the envelope of a block is the one its hash was computed from. */
const made = new Map<Hash, Envelope>()

/** A child of a block; `branch` distinguishes children of one parent. */
export function childOf(parent: Block, branch = ''): Block {
  const block = { number: parent.number + 1n, parentHash: parent.hash, timestamp: parent.timestamp + 2n }
  const envelope = payloadOf(block, hashOf(branch))
  const hash = hashPayload(envelope)
  made.set(hash, { ...envelope, executionPayload: { ...envelope.executionPayload, blockHash: hash } })
  return { ...block, hash }
}

/** The envelope of a block as op-node sends it; with `transactions` it only names the block, its content is another. */
export function envelopeOf(block: Block, transactions?: readonly string[]): string {
  const envelope = (transactions === undefined && made.get(block.hash)) || {
    ...payloadOf(block, hashOf(''), transactions),
  }
  return JSON.stringify({
    ...envelope,
    executionPayload: { ...envelope.executionPayload, blockHash: block.hash },
  })
}

/** The envelope of a block with these transactions, under the hash it has then. */
export function sealedOf(block: Omit<Block, 'hash'>, transactions: readonly string[]): Envelope {
  const envelope = payloadOf(block, hashOf(''), transactions)
  return { ...envelope, executionPayload: { ...envelope.executionPayload, blockHash: hashPayload(envelope) } }
}

function payloadOf(
  { number, parentHash, timestamp }: Omit<Block, 'hash'>,
  stateRoot: Hash,
  transactions: readonly string[] = ['0x02c0'],
): Envelope {
  return {
    parentBeaconBlockRoot: hashOf('beacon'),
    executionPayload: {
      parentHash,
      feeRecipient: '0x4200000000000000000000000000000000000011',
      stateRoot,
      receiptsRoot: hashOf('receipts'),
      logsBloom: `0x${'00'.repeat(256)}`,
      prevRandao: hashOf('randao'),
      blockNumber: `0x${number.toString(16)}`,
      gasLimit: '0x1c9c380',
      gasUsed: '0x57b0',
      timestamp: `0x${timestamp.toString(16)}`,
      extraData: '0x',
      baseFeePerGas: '0x3b9aca00',
      blockHash: hashOf('none'),
      transactions: transactions as readonly `0x${string}`[],
      withdrawals: [],
      blobGasUsed: '0x0',
      excessBlobGas: '0x0',
    },
  }
}
