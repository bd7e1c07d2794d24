import type { BlockSource, Emit } from './events.ts'
import { type ExecutionClient, UnknownBlockError } from './execution.ts'
import { Lock } from './lock.ts'
import type { SimulatedBlock } from './payload.ts'
import type { Life } from './process.ts'

/** The block no longer extends the head. */
export class StaleBlockError extends Error {
  override readonly name = 'StaleBlockError'
}

type Heads = { unsafe: SimulatedBlock; safe: SimulatedBlock; finalized: SimulatedBlock }

const RETRY_MS = 1_000

/**
 * The consensus client's view of its execution client: the three heads, in memory. It is unknown for a moment after the
 * process starts, and outlives the execution client's silence.
 */
export class Engine {
  readonly execution: ExecutionClient
  readonly #process: Life
  readonly #emit: Emit
  readonly #lock = new Lock()
  readonly #listeners: (() => void)[] = []
  #heads: Heads | undefined

  constructor(process: Life, execution: ExecutionClient, emit: Emit) {
    this.#process = process
    this.execution = execution
    this.#emit = emit
  }

  /** Undefined until the execution client has answered. */
  get heads(): Readonly<Heads> | undefined {
    return this.#heads
  }

  onHead(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** Reads the heads from the execution client; retries until it answers. */
  async reset(): Promise<void> {
    try {
      this.#heads = await this.#process.ask(() => this.execution.labels())
      this.#announce()
    } catch {
      this.#process.after(RETRY_MS, () => void this.reset())
    }
  }

  /** Puts a block on top of the head. Throws {@link StaleBlockError} if it is not the head's child. */
  extend(block: SimulatedBlock, source: BlockSource): Promise<void> {
    return this.#lock.hold(async () => {
      if (block.parentHash !== this.#heads?.unsafe.hash) throw new StaleBlockError(`${block.number} is stale`)
      await this.#insert(block, source)
    })
  }

  /** Makes a block the head, whatever the head is. */
  force(block: SimulatedBlock): Promise<void> {
    return this.#lock.hold(() => this.#insert(block, 'posted')).catch(() => {})
  }

  /** Goes back to the newest block that stands; the execution client keeps its head until the next block comes. */
  goBack(stands: (block: SimulatedBlock) => boolean): Promise<void> {
    return this.#lock.hold(async () => {
      if (!this.#heads) return
      const { unsafe, safe } = this.#heads
      let block: SimulatedBlock = unsafe
      while (block.number > safe.number && !stands(block)) block = this.execution.at(block.number - 1n) ?? safe
      if (block === unsafe) return
      this.#heads.unsafe = block
      this.#announce()
    })
  }

  /** Takes blocks from L1, and replaces what contradicts them. */
  follow(blocks: readonly SimulatedBlock[], finalized: bigint): Promise<void> {
    return this.#lock.hold(async () => {
      for (const block of blocks) {
        if (this.#heads === undefined || block.number <= this.#heads.safe.number) continue
        if (this.execution.at(block.number)?.hash !== block.hash) await this.#insert(block, 'l1')
        this.#heads.safe = this.execution.safe = block
      }
      const final = this.execution.at(finalized)
      if (this.#heads && final && final.number <= this.#heads.safe.number) {
        this.#heads.finalized = this.execution.finalized = final
      }
    })
  }

  async #insert(block: SimulatedBlock, source: BlockSource): Promise<void> {
    try {
      await this.#process.ask(() => this.execution.insert(block))
    } catch (error) {
      // The execution client lost blocks. Only derivation starts over from the remaining ones: the head in memory
      // stays, and every block on top of it fails until the pipeline is reset.
      if (error instanceof UnknownBlockError && source === 'l1') await this.reset()
      throw error
    }
    if (this.#heads) this.#heads.unsafe = block
    this.#emit('insert', { block, source })
    this.#announce()
  }

  #announce(): void {
    for (const listener of this.#listeners) listener()
  }
}
