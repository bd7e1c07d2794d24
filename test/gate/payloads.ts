import { randomBytes } from 'node:crypto'
import type { Envelope } from '../../lib/chain/envelope.ts'
import { hashPayload } from '../../lib/chain/header.ts'
import type { Block, Hash } from '../../lib/protocol/block.ts'

/** The hash of the n-th block of a made-up chain; another `branch`, another hash. */
export function hashOf(number: number, branch = 0): Hash {
  return blockOf(number, branch).hash
}

const blocks = new Map<string, Block>()

/** The n-th block of a made-up chain, as the protocol has it: its hash is that of the envelope it makes below. */
export function blockOf(number: number, branch = 0): Block {
  const key = `${number} ${branch}`
  const known = blocks.get(key)
  if (known) return known
  const parentHash: Hash = number > 0 ? hashOf(number - 1) : `0x${'0a'.repeat(32)}`
  const block = {
    number: BigInt(number),
    hash: stateRootOf(branch),
    parentHash,
    timestamp: BigInt(1_700_000_000 + 2 * number),
  }
  const made = { ...block, hash: sealed(block, { branch }).executionPayload.blockHash as Hash }
  blocks.set(key, made)
  return made
}

const quantity = (value: bigint | number) => `0x${value.toString(16)}`
const bytes = (length: number) => `0x${'00'.repeat(length)}`
const stateRootOf = (branch: number): Hash => `0x${branch.toString(16).padStart(64, '0')}`

/** Which execution payload: V1 Bedrock, V2 Canyon, V3 Ecotone, V4 Isthmus. */
export type Version = 1 | 2 | 3 | 4

type Options = { readonly version?: Version; readonly transactions?: readonly string[] }

/**
 * An envelope with the fields, and in the order, op-node writes them. Its hash is that of its content, and thus
 * another than the block's when it has other transactions or another version.
 */
export function envelopeOf(block: Block, options: Options = {}) {
  if (options.transactions || options.version) return sealed(block, options)
  const branch = [0, 1].find((branch) => sealed(block, { branch }).executionPayload.blockHash === block.hash) ?? 0
  return sealed(block, { branch })
}

/** An envelope that says it is the block, whatever its content. */
export function namedAs(hash: Hash, envelope: ReturnType<typeof envelopeOf>): ReturnType<typeof envelopeOf> {
  return { ...envelope, executionPayload: { ...envelope.executionPayload, blockHash: hash } }
}

function sealed({ number, parentHash, timestamp }: Block, options: Options & { readonly branch?: number }) {
  const { version = 3, transactions = ['0x02c0'], branch = 0 } = options
  const envelope = {
    ...(version >= 3 && { parentBeaconBlockRoot: bytes(32) }),
    executionPayload: {
      parentHash: parentHash as string,
      feeRecipient: '0x4200000000000000000000000000000000000011',
      stateRoot: stateRootOf(branch) as string,
      receiptsRoot: bytes(32),
      logsBloom: bytes(256),
      prevRandao: bytes(32),
      blockNumber: quantity(number),
      gasLimit: '0x1c9c380',
      gasUsed: '0x57b0',
      timestamp: quantity(timestamp),
      extraData: '0x',
      baseFeePerGas: '0x3b9aca00',
      blockHash: bytes(32),
      transactions,
      ...(version >= 2 && { withdrawals: [] }),
      ...(version >= 3 && { blobGasUsed: '0x0', excessBlobGas: '0x0' }),
      ...(version >= 4 && { withdrawalsRoot: bytes(32) }),
    },
  }
  envelope.executionPayload.blockHash = hashPayload(envelope as unknown as Envelope)
  return envelope
}

/** The block of an envelope, as the protocol has it. */
export function blockIn({ executionPayload }: ReturnType<typeof envelopeOf>): Block {
  const { blockNumber, blockHash, parentHash, timestamp } = executionPayload
  return {
    number: BigInt(blockNumber),
    hash: blockHash as Hash,
    parentHash: parentHash as Hash,
    timestamp: BigInt(timestamp),
  }
}

/** Transactions of so many incompressible bytes in all, each of at most `each` bytes. */
export function randomTransactions(total: number, each = 20_000): string[] {
  const list: string[] = []
  for (let left = total; left > 0; left -= each) list.push(`0x${randomBytes(Math.min(each, left)).toString('hex')}`)
  return list
}
