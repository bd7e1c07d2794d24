import type { Hash } from '../../protocol/block.ts'
import type { Clock } from './clock.ts'
import type { SimulatedBlock } from './payload.ts'
import { Process } from './process.ts'

/** How many blocks below its head a node keeps. */
const KEPT_BLOCKS = 4_096n

/** The parent of a block, or the block itself, is missing: a real client answers SYNCING. */
export class UnknownBlockError extends Error {
  override readonly name = 'UnknownBlockError'
}

/** The client executed the block with another result: it will never take it. */
export class InvalidBlockError extends Error {
  override readonly name = 'InvalidBlockError'
}

/**
 * An execution client: a database of blocks, a canonical chain through it, and the process that serves both. The
 * database survives the process, except what {@link loseBlocks} takes.
 */
export class ExecutionClient {
  readonly process: Process
  /** Duration of each call (ms). */
  latencyMs = 1
  safe: SimulatedBlock
  finalized: SimulatedBlock
  /** Whether the newest block's state is there; without it nothing can be built on it. */
  hasState = true
  /** How many of its newest blocks are in memory only, as in op-reth: the end of the process takes them. */
  unwritten = 0n
  /** Its report of a sync from its peers (`eth_syncing`); during one it executes nothing. */
  syncing: () => Readonly<Record<string, unknown>> | false = () => false
  /** The size of blocks it was set to (`miner_setMaxDASize`): of a transaction, and of a block. */
  maxDASize: readonly string[] = []
  /** Which blocks it refuses as invalid. */
  invalid: (block: SimulatedBlock) => boolean = () => false
  readonly #blocks = new Map<Hash, SimulatedBlock>()
  readonly #canonical = new Map<bigint, SimulatedBlock>()
  #head: SimulatedBlock

  constructor(clock: Clock, genesis: SimulatedBlock) {
    this.process = new Process(clock)
    this.#head = genesis
    this.safe = genesis
    this.finalized = genesis
    this.#place(genesis)
  }

  get head(): SimulatedBlock {
    return this.#head
  }

  byHash(hash: Hash): SimulatedBlock | undefined {
    return this.#blocks.get(hash)
  }

  at(number: bigint): SimulatedBlock | undefined {
    return this.#canonical.get(number)
  }

  /** The canonical chain, oldest first. */
  canonical(): SimulatedBlock[] {
    return [...this.#canonical.values()].sort((a, b) => (a.number < b.number ? -1 : 1))
  }

  /** `engine_newPayload` and `engine_forkchoiceUpdated`, from another process. */
  insert(block: SimulatedBlock): Promise<void> {
    return this.#engine(() => {
      if (this.invalid(block)) throw new InvalidBlockError(`BAD BLOCK ${block.number} ${block.hash}`)
      const parent = this.#blocks.get(block.parentHash)
      if (parent === undefined) throw new UnknownBlockError(`unknown parent ${block.parentHash}`)
      this.#rewindTo(parent)
      this.#place(block)
      this.#head = block
    })
  }

  /** `engine_getPayload`: what `build` makes of the parent, if the parent is there. */
  build(parent: Hash, build: (parent: SimulatedBlock) => SimulatedBlock): Promise<SimulatedBlock> {
    return this.#engine(() => {
      const block = this.#blocks.get(parent)
      if (block === undefined) throw new UnknownBlockError(`unknown block ${parent}`)
      return build(block)
    })
  }

  /** The chain's heads as a consensus client reads them when it comes up. */
  labels(): Promise<{ unsafe: SimulatedBlock; safe: SimulatedBlock; finalized: SimulatedBlock }> {
    const heads = () => ({ unsafe: this.#head, safe: this.safe, finalized: this.finalized })
    return this.process.call(heads, this.latencyMs)
  }

  /** SIGKILL: unwritten blocks are gone. */
  kill(): void {
    this.process.kill()
    if (this.unwritten > 0n) this.loseBlocks(this.unwritten)
  }

  /** What a crash before the database was flushed takes: the newest blocks. */
  loseBlocks(count: bigint): void {
    const target = this.#head.number - count
    const kept = this.#canonical.get(target > 0n ? target : 0n) ?? this.finalized
    for (let { number } = this.#head; number > kept.number; number -= 1n)
      this.#blocks.delete(this.at(number)?.hash ?? '0x')
    this.#rewindTo(kept)
    const lower = (a: SimulatedBlock, b: SimulatedBlock) => (a.number < b.number ? a : b)
    this.safe = lower(this.safe, this.#head)
    this.finalized = lower(this.finalized, this.#head)
  }

  #engine<T>(work: () => T): Promise<T> {
    return this.process.call(() => {
      if (!this.hasState) throw new Error(missingState(this.#head))
      if (this.syncing() !== false) throw new UnknownBlockError('syncing')
      return work()
    }, this.latencyMs)
  }

  #rewindTo(block: SimulatedBlock): void {
    for (let number = this.#head.number; number > block.number; number -= 1n) {
      // Like op-geth, it keeps the blocks of an abandoned branch by their hash.
      this.#canonical.delete(number)
    }
    // Back on an abandoned branch: its blocks are the chain again.
    for (
      let at: SimulatedBlock | undefined = block;
      at && this.#canonical.get(at.number)?.hash !== at.hash;
      at = this.#blocks.get(at.parentHash)
    )
      this.#canonical.set(at.number, at)
    this.#head = block
  }

  #place(block: SimulatedBlock): void {
    this.#blocks.set(block.hash, block)
    this.#canonical.set(block.number, block)
    const old = this.#canonical.get(block.number - KEPT_BLOCKS)
    if (old === undefined) return
    this.#canonical.delete(old.number)
    this.#blocks.delete(old.hash)
  }
}

/** op-geth's error for a block whose state is missing. */
export function missingState({ envelope }: SimulatedBlock): string {
  const root = envelope.executionPayload.stateRoot.slice(2)
  return `missing trie node ${root} (path ) state 0x${root} is not available, not found`
}
