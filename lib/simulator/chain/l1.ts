import { keccak256, stringToHex } from 'viem'
import type { Hash } from '../../protocol/block.ts'
import type { L1Block } from '../../protocol/observation.ts'
import type { SimulatedBlock } from './payload.ts'

/** The blocks a batcher put into one L1 block, oldest first. */
export type Batch = { readonly l1: bigint; readonly blocks: readonly SimulatedBlock[] }

/** The number of the L1 block the rollup starts at. */
const GENESIS_NUMBER = 100n

/** An L1 that never forks: its blocks follow from the clock, except what the batcher put into them. */
export class SimulatedL1 {
  readonly genesisMs: number
  readonly blockTimeMs: number
  readonly batches: Batch[] = []
  readonly #now: () => number
  #stoppedAt: number | undefined
  /** The newest block that can be final, if finality stands still. */
  finalUpTo: bigint | undefined

  constructor(genesisMs: number, blockTimeMs: number, now: () => number) {
    this.genesisMs = genesisMs
    this.blockTimeMs = blockTimeMs
    this.#now = now
  }

  get genesis(): L1Block {
    return this.block(GENESIS_NUMBER)
  }

  get head(): L1Block {
    const passed = Math.max(0, (this.#stoppedAt ?? this.#now()) - this.genesisMs)
    return this.block(GENESIS_NUMBER + BigInt(Math.floor(passed / this.blockTimeMs)))
  }

  block(number: bigint): L1Block {
    return { number, hash: l1Hash(number), timestamp: BigInt(Math.floor(this.timeMs(number) / 1000)) }
  }

  /** When a block appears (Unix ms). */
  timeMs(number: bigint): number {
    return this.genesisMs + Number(number - GENESIS_NUMBER) * this.blockTimeMs
  }

  /** No more blocks, as when every L1 endpoint hangs; {@link resume} shows the missed ones at once. */
  stop(): void {
    this.#stoppedAt ??= this.#now()
  }

  /** L1 continues, but none of its newer blocks becomes final. */
  stopFinality(): void {
    this.finalUpTo ??= this.head.number
  }

  resume(): void {
    this.#stoppedAt = undefined
  }
}

function l1Hash(number: bigint): Hash {
  return keccak256(stringToHex(`l1 block ${number}`))
}

/** L1 as one node's endpoint shows it: the real one, unless the endpoint stands still or follows a fork. */
export class L1View {
  readonly #l1: SimulatedL1
  #stuckAt: bigint | undefined
  #forkedFrom: bigint | undefined

  constructor(l1: SimulatedL1) {
    this.#l1 = l1
  }

  get genesis(): L1Block {
    return this.#l1.genesis
  }

  get head(): L1Block {
    return this.block(this.#stuckAt ?? this.#l1.head.number)
  }

  get batches(): readonly Batch[] {
    return this.#l1.batches
  }

  block(number: bigint): L1Block {
    const block = this.#l1.block(number)
    if (this.#forkedFrom === undefined || number < this.#forkedFrom) return block
    return { ...block, hash: keccak256(stringToHex(`l1 block ${number} of a fork`)) }
  }

  get finalUpTo(): bigint | undefined {
    return this.#l1.finalUpTo
  }

  /** When a block appears (Unix ms). */
  timeMs(number: bigint): number {
    return this.#l1.timeMs(number)
  }

  /** The endpoint answers, but shows no newer block; {@link mend} ends it. */
  stop(): void {
    this.#stuckAt ??= this.#l1.head.number
  }

  /** The endpoint follows a fork: from this block on its hashes differ from the others'. */
  fork(from: bigint): void {
    this.#forkedFrom = from
  }

  mend(): void {
    this.#stuckAt = undefined
    this.#forkedFrom = undefined
  }
}
