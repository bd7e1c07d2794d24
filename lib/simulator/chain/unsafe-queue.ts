import { type Engine, StaleBlockError } from './engine.ts'
import type { BlockSource } from './events.ts'
import { InvalidBlockError } from './execution.ts'
import type { SimulatedBlock } from './payload.ts'
import type { Life } from './process.ts'

type Queued = { readonly block: SimulatedBlock; readonly source: BlockSource }

const RETRY_MS = 1_000

/**
 * Blocks waiting for a place on top of the head: gossiped, posted, or fetched from peers to fill the gap below those.
 * Drops one that is not above the head, or competes with it.
 */
export class UnsafeQueue {
  readonly #process: Life
  readonly #engine: Engine
  readonly #fetch: (from: bigint, to: bigint) => void
  readonly #queue = new Map<string, Queued>()
  #draining = false
  #askedAt = Number.NEGATIVE_INFINITY

  constructor(process: Life, engine: Engine, fetch: (from: bigint, to: bigint) => void) {
    this.#process = process
    this.#engine = engine
    this.#fetch = fetch
    engine.onHead(() => void this.#drain())
  }

  add(block: SimulatedBlock, source: BlockSource): void {
    this.#queue.set(block.hash, { block, source })
    void this.#drain()
  }

  /**
   * Adds blocks fetched to fill a gap, oldest first. From any sender, only blocks count that link, hash by hash, to a
   * waiting block above them (op-node keeps the others apart until then).
   */
  fill(blocks: readonly SimulatedBlock[]): void {
    for (const block of blocks.toReversed()) {
      if ([...this.#queue.values()].some((queued) => queued.block.parentHash === block.hash)) this.add(block, 'peer')
    }
  }

  async #drain(): Promise<void> {
    if (this.#draining) return
    this.#draining = true
    try {
      for (let next = this.#next(); next !== undefined; next = this.#next()) {
        await this.#engine.extend(next.block, next.source).catch((error: unknown) => {
          if (!(error instanceof InvalidBlockError) || !next) throw error
          this.#queue.delete(next.block.hash)
        })
      }
    } catch (error) {
      if (!(error instanceof StaleBlockError)) this.#process.after(RETRY_MS, () => void this.#drain())
      else this.#process.after(0, () => void this.#drain())
    } finally {
      this.#draining = false
    }
    this.#fillGap()
  }

  /** The head's child, if it is here; discards blocks that can never be one. */
  #next(): Queued | undefined {
    const head = this.#engine.heads?.unsafe
    if (head === undefined) return undefined
    let child: Queued | undefined
    for (const queued of this.#queue.values()) {
      const { number, hash, parentHash } = queued.block
      if (parentHash === head.hash) child ??= queued
      else if (number <= head.number + 1n) this.#queue.delete(hash)
    }
    return child
  }

  #fillGap(): void {
    const head = this.#engine.heads?.unsafe
    const numbers = [...this.#queue.values()].map(({ block }) => block.number)
    const lowest = numbers.reduce((min, number) => (number < min ? number : min), numbers[0] ?? 0n)
    if (head === undefined || lowest <= head.number + 1n) return
    if (this.#process.now() - this.#askedAt < RETRY_MS) return
    this.#askedAt = this.#process.now()
    this.#fetch(head.number + 1n, lowest - 1n)
    this.#process.after(RETRY_MS + 1, () => this.#fillGap())
  }
}
