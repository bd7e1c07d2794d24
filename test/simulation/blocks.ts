import { keccak256, numberToHex, stringToHex } from 'viem'
import type { Hash } from '../../lib/protocol/block.ts'
import type { L1Block } from '../../lib/protocol/observation.ts'
import { type L1View, SimulatedL1 } from '../../lib/simulator/chain/l1.ts'
import { genesisBlock, payloadHash, type SimulatedBlock } from '../../lib/simulator/chain/payload.ts'
import { l1InfoDeposit } from '../../lib/simulator/chain/transactions.ts'
import { recall } from './recall.ts'
import { EPOCH } from './scheduler.ts'

export const BLOCK_MS = 1_000
export const L1_BLOCK_MS = 2_000

/** The simulated L1; its blocks are the same in every history up to its reorganisations, so each hash is computed once. */
export class HistoryL1 extends SimulatedL1 {
  readonly #forks: bigint[] = []

  override block(number: bigint): L1Block {
    const fork = this.#forks.findLastIndex((from) => number >= from)
    const block = original(this, number)
    return fork < 0 ? block : { ...block, hash: replaced(number, fork) }
  }

  /** From here on it took L2 blocks' origins, and a node that derives them looks again. */
  takenFrom: bigint | undefined

  /** Replaces its blocks from one on that L2 blocks derive from. */
  takeOrigins(from: bigint): void {
    this.takenFrom = from
    this.reorg(Number(this.head.number - from) + 1)
  }

  /** Replaces its newest blocks; the batches in them are gone until they are posted again. */
  reorg(depth: number): void {
    const from = this.head.number - BigInt(depth) + 1n
    this.#forks.push(from)
    while ((this.batches.at(-1)?.l1 ?? 0n) >= from) this.batches.pop()
  }
}

const originals: L1Block[] = []

function original(l1: HistoryL1, number: bigint): L1Block {
  const i = Number(number)
  originals[i] ??= SimulatedL1.prototype.block.call(l1, number)
  return originals[i]
}

const replaced = recall(
  (number: bigint, fork: number) => `${number} ${fork}`,
  (number: bigint, fork: number) => keccak256(stringToHex(`l1 block ${number} after reorganisation ${fork}`)),
)

/** Block 0 of every history. */
export const GENESIS = genesisBlock(BigInt(EPOCH / 1000), new HistoryL1(EPOCH, L1_BLOCK_MS, () => EPOCH).genesis)

/** When a block is due (Unix ms). */
export const dueAt = (number: bigint) => EPOCH + Number(number) * BLOCK_MS

const depositOf = recall(({ hash }: L1Block, sequenceNumber: number) => `${hash}${sequenceNumber}`, l1InfoDeposit)

/** Builds a block; its parent, L1 origin and `mark`, which goes into its state root, distinguish it from all others. */
export const buildOn = recall(
  ({ hash }: SimulatedBlock, origin: L1Block, mark: string) => `${hash}${origin.hash}${mark}`,
  build,
)

function build(parent: SimulatedBlock, origin: L1Block, mark: string): SimulatedBlock {
  const number = parent.number + 1n
  const sequenceNumber = parent.l1Origin.number === origin.number ? parent.sequenceNumber + 1 : 0
  const deposit = depositOf(origin, sequenceNumber)
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
export function originAfter(l1: L1View, parent: SimulatedBlock): L1Block {
  const next = parent.l1Origin.number + 1n
  const ready = next < l1.head.number && l1.timeMs(next) <= dueAt(parent.number + 1n)
  return l1.block(ready ? next : parent.l1Origin.number)
}
