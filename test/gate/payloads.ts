import { randomBytes } from 'node:crypto'
import type { Block, Hash } from '../../lib/protocol/block.ts'

/** The hash of the n-th block of a made-up chain; another `branch`, another hash. */
export function hashOf(number: number, branch = 0): Hash {
  return `0x${branch.toString(16).padStart(2, '0')}${(number + 1).toString(16).padStart(62, '0')}`
}

/** The n-th block of a made-up chain, as the protocol has it. */
export function blockOf(number: number, branch = 0): Block {
  return {
    number: BigInt(number),
    hash: hashOf(number, branch),
    parentHash: hashOf(number - 1),
    timestamp: BigInt(1_700_000_000 + 2 * number),
  }
}

const quantity = (value: bigint | number) => `0x${value.toString(16)}`
const bytes = (length: number) => `0x${'00'.repeat(length)}`

/** Which execution payload: V1 Bedrock, V2 Canyon, V3 Ecotone, V4 Isthmus. */
export type Version = 1 | 2 | 3 | 4

/** An envelope with the fields, and in the order, op-node writes them. */
export function envelopeOf(
  { number, hash, parentHash, timestamp }: Block,
  { version = 3, transactions = ['0x02c0'] }: { version?: Version; transactions?: readonly string[] } = {},
) {
  return {
    ...(version >= 3 && { parentBeaconBlockRoot: bytes(32) }),
    executionPayload: {
      parentHash: parentHash as string,
      feeRecipient: '0x4200000000000000000000000000000000000011',
      stateRoot: bytes(32),
      receiptsRoot: bytes(32),
      logsBloom: bytes(256),
      prevRandao: bytes(32),
      blockNumber: quantity(number),
      gasLimit: '0x1c9c380',
      gasUsed: '0x57b0',
      timestamp: quantity(timestamp),
      extraData: '0x',
      baseFeePerGas: '0x3b9aca00',
      blockHash: hash as string,
      transactions,
      ...(version >= 2 && { withdrawals: [] }),
      ...(version >= 3 && { blobGasUsed: '0x0', excessBlobGas: '0x0' }),
      ...(version >= 4 && { withdrawalsRoot: bytes(32) }),
    },
  }
}

/** Transactions of so many incompressible bytes in all, each of at most `each` bytes. */
export function randomTransactions(total: number, each = 20_000): string[] {
  const list: string[] = []
  for (let left = total; left > 0; left -= each) list.push(`0x${randomBytes(Math.min(each, left)).toString('hex')}`)
  return list
}
