import { keccak256, stringToHex } from 'viem'
import type { L1Block } from '../../protocol/observation.ts'
import type { Batch, SimulatedL1 } from './l1.ts'

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

  /** The endpoint follows a fork: from this block on it shows other hashes than the others do. */
  fork(from: bigint): void {
    this.#forkedFrom = from
  }

  mend(): void {
    this.#stuckAt = undefined
    this.#forkedFrom = undefined
  }
}
