import type { Hash } from '../../protocol/block.ts'
import type { Cancel } from './clock.ts'
import type { ConductorClient } from './conductor.ts'
import type { Engine } from './engine.ts'
import type { Emit } from './events.ts'
import { Lock } from './lock.ts'
import type { SimulatedBlock } from './payload.ts'
import type { Life } from './process.ts'

export type SequencerParts = {
  readonly process: Life
  readonly engine: Engine
  readonly conductor: ConductorClient
  /** When a block is due (Unix ms). */
  readonly dueAt: (number: bigint) => number
  readonly build: (parent: SimulatedBlock) => SimulatedBlock
  readonly gossip: (block: SimulatedBlock) => void
  readonly emit: Emit
  /** It behaves as kona-node: inserts, then asks for a commit, then gossips regardless of the answer. */
  readonly breaksPromise?: boolean
}

/** After a failed commit or engine call (op-node's own number). */
const BACKOFF_MS = 1_000

/**
 * op-node's sequencer: seals a block when it is due, commits it, gossips it and inserts it, in that order. It retries a
 * failed commit of a sealed block each second while the head stays; once the chain moves past the block, it drops it
 * and builds the next one on top.
 */
export class Sequencer {
  readonly #parts: SequencerParts
  readonly #lock = new Lock()
  #active = false
  #wedged = false
  #job: { readonly block: SimulatedBlock; published: boolean } | undefined
  #cancel: Cancel = () => {}

  constructor(parts: SequencerParts) {
    this.#parts = parts
    parts.engine.onHead(() => this.#plan())
  }

  get active(): boolean {
    return this.#active
  }

  /** Throws op-node's texts, checked in op-node's order. */
  async start(hash: Hash): Promise<void> {
    const { conductor, engine, emit, breaksPromise } = this.#parts
    if (breaksPromise) return this.startAnywhere()
    const leader = await conductor.leader().catch((error: Error) => {
      throw new Error(`sequencer leader check failed: ${error.message}`)
    })
    if (!leader) throw new Error('sequencer is not the leader, aborting')
    await this.#lock.hold(async () => {
      const head = engine.heads?.unsafe
      if (this.#active) throw new Error('sequencer already running')
      if (head === undefined) throw new Error(`no prestate, cannot determine if sequencer start at ${hash} is safe`)
      if (head.hash !== hash) {
        throw new Error(`block hash does not match: head ${head.hash}:${head.number}, received ${hash}`)
      }
      this.#active = true
      this.#job = undefined
      emit('started', { block: head })
    })
    this.#plan()
  }

  /** kona-node's start: it checks no leader and no hash, and may be running already. */
  startAnywhere(): void {
    this.#active = true
    this.#plan()
  }

  /** Waits for the block being sealed or committed; returns the head's hash. */
  stop(): Promise<Hash> {
    return this.#lock.hold(async () => {
      const head = this.#parts.engine.heads?.unsafe
      if (!this.#active || head === undefined) throw new Error('sequencer not running')
      this.#active = false
      this.#job = undefined
      this.#cancel()
      this.#parts.emit('stopped', { block: head })
      return head.hash
    })
  }

  /** Stays on and does nothing any more. */
  wedge(): void {
    this.#wedged = true
    this.#cancel()
  }

  #plan(): void {
    const head = this.#parts.engine.heads?.unsafe
    if (this.#active && head) this.#actIn(this.#parts.dueAt(head.number + 1n) - this.#parts.process.now())
  }

  #actIn(ms: number): void {
    this.#cancel()
    if (this.#wedged) return
    this.#cancel = this.#parts.process.after(Math.max(0, ms), () => void this.#lock.hold(() => this.#act()))
  }

  async #act(): Promise<void> {
    const { engine, process, dueAt } = this.#parts
    const head = engine.heads?.unsafe
    if (!this.#active || head === undefined) return
    if (this.#job?.block.parentHash !== head.hash) this.#job = undefined
    if (dueAt(head.number + 1n) > process.now()) return this.#plan()
    try {
      await this.#publish(head)
    } catch {
      const next = engine.heads?.unsafe
      if (next === undefined || next.hash === head.hash) this.#actIn(BACKOFF_MS)
      else this.#plan()
    }
  }

  async #publish(head: SimulatedBlock): Promise<void> {
    const { engine, process, build, gossip, emit } = this.#parts
    if (this.#job === undefined) {
      this.#job = { block: await process.ask(() => engine.execution.build(head.hash, build)), published: false }
      emit('sealed', { block: this.#job.block })
    }
    const { block } = this.#job
    if (this.#parts.breaksPromise) return this.#publishAnyway(block)
    if (!this.#job.published) {
      await this.#commit(block)
      this.#job.published = true
      process.run(() => {
        emit('gossip', { block })
        gossip(block)
      })
    }
    await engine.extend(block, 'own')
    this.#job = undefined
  }

  async #publishAnyway(block: SimulatedBlock): Promise<void> {
    const { engine, process, gossip, emit } = this.#parts
    this.#job = undefined
    await engine.extend(block, 'own')
    await this.#commit(block).catch(() => {})
    process.run(() => {
      emit('gossip', { block })
      gossip(block)
    })
  }

  async #commit(block: SimulatedBlock): Promise<void> {
    const { conductor, emit } = this.#parts
    try {
      await conductor.commit(block.envelope)
    } catch (error) {
      emit('refused', { block, message: error instanceof Error ? error.message : String(error) })
      throw error
    }
    emit('committed', { block })
  }
}
