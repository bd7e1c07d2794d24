import { numberToHex } from 'viem'
import { SimulatedL1 } from '../../lib/local/simulated/l1.ts'
import { genesisBlock, payloadHash, type SimulatedBlock } from '../../lib/local/simulated/payload.ts'
import { l1InfoDeposit } from '../../lib/local/simulated/transactions.ts'
import type { Hash } from '../../lib/protocol/block.ts'
import type { L1Block } from '../../lib/protocol/observation.ts'
import { EPOCH } from './scheduler.ts'

export const BLOCK_MS = 1_000
export const L1_BLOCK_MS = 2_000

const l1Blocks = new Map<bigint, L1Block>()
const deposits = new Map<string, ReturnType<typeof l1InfoDeposit>>()

/** The simulated L1; its blocks are the same in every history, so each hash is computed once. */
export class HistoryL1 extends SimulatedL1 {
  override block(number: bigint): L1Block {
    const known = l1Blocks.get(number) ?? super.block(number)
    l1Blocks.set(number, known)
    return known
  }
}

/** Block 0 of every history. */
export const GENESIS = genesisBlock(BigInt(EPOCH / 1000), new HistoryL1(EPOCH, L1_BLOCK_MS, () => EPOCH).genesis)

/** When a block is due (Unix ms). */
export const dueAt = (number: bigint) => EPOCH + Number(number) * BLOCK_MS

/** Builds a block that no other call builds: `mark` goes into its state root. */
export function buildOn(parent: SimulatedBlock, origin: L1Block, mark: string): SimulatedBlock {
  const number = parent.number + 1n
  const sequenceNumber = parent.l1Origin.number === origin.number ? parent.sequenceNumber + 1 : 0
  const key = `${origin.number} ${sequenceNumber}`
  const deposit = deposits.get(key) ?? l1InfoDeposit(origin, sequenceNumber)
  deposits.set(key, deposit)
  const timestamp = BigInt(dueAt(number) / 1000)
  const stateRoot: Hash = `0x${Buffer.from(mark).toString('hex').padStart(64, '0').slice(-64)}`
  const { parentBeaconBlockRoot, executionPayload: like } = GENESIS.envelope
  const executionPayload = {
    ...like,
    stateRoot,
    parentHash: parent.hash,
    blockNumber: numberToHex(number),
    timestamp: numberToHex(timestamp),
    transactions: [deposit],
  }
  const envelope = { ...(parentBeaconBlockRoot && { parentBeaconBlockRoot }), executionPayload }
  const hash = payloadHash(envelope)
  return {
    number,
    hash,
    parentHash: parent.hash,
    timestamp,
    l1Origin: { number: origin.number, hash: origin.hash },
    sequenceNumber,
    envelope: { ...envelope, executionPayload: { ...executionPayload, blockHash: hash } },
  }
}

/** The parent's L1 block, or the next one once it is a block deep. */
export function originAfter(l1: SimulatedL1, parent: SimulatedBlock): L1Block {
  const next = parent.l1Origin.number + 1n
  const ready = next < l1.head.number && l1.timeMs(next) <= dueAt(parent.number + 1n)
  return l1.block(ready ? next : parent.l1Origin.number)
}
