import type { Envelope } from '../../chain/envelope.ts'
import { type ConductorCall, ConductorClient } from './conductor.ts'
import { Engine } from './engine.ts'
import type { Emit } from './events.ts'
import type { ExecutionClient } from './execution.ts'
import type { L1View } from './l1.ts'
import type { Network, Peer } from './network.ts'
import { blockOf, type HashOf, payloadHash, type SimulatedBlock } from './payload.ts'
import type { Process } from './process.ts'
import { Sequencer } from './sequencer.ts'
import { UnsafeQueue } from './unsafe-queue.ts'

export type ConsensusParts = {
  readonly name: string
  readonly process: Process
  readonly execution: ExecutionClient
  readonly l1: L1View
  readonly network: Network
  readonly conductorCall: ConductorCall
  /** Whether it can reach its peers, as far as the network between them goes. */
  readonly connected: () => boolean
  readonly dueAt: (number: bigint) => number
  readonly build: (parent: SimulatedBlock) => SimulatedBlock
  /** Default {@link payloadHash}. */
  readonly hashOf?: HashOf
  readonly emit: Emit
  /** It is a kona-node: it ignores the conductor, starts by itself, and makes any posted block its head. */
  readonly kona?: boolean
}

/** How long op-node does not know its own head after a start. */
const NO_PRESTATE_MS = 250
/** How long a posted payload takes through the driver's event loop. */
const POSTED_MS = 60
/** Finality lag, in L1 blocks behind the one that holds a batch. */
const FINALITY = 2n

/**
 * A consensus client: op-node as its neighbours see it. Its memory is gone when the process dies; {@link
 * ConsensusClient.boot} begins a new life as a stopped sequencer.
 */
export class ConsensusClient {
  readonly #parts: ConsensusParts
  readonly #peer: Peer
  #memory: { engine: Engine; queue: UnsafeQueue; sequencer: Sequencer; conductor: ConductorClient; derived: bigint }

  constructor(parts: ConsensusParts) {
    this.#parts = parts
    this.#memory = this.#fresh()
    this.#peer = {
      name: parts.name,
      reachable: () => parts.process.status !== 'dead' && parts.connected(),
      receive: (block) => parts.process.run(() => this.#memory.queue.add(block, 'gossip')),
      serve: (from, to) => parts.process.call(() => this.#range(from, to)),
    }
    parts.network.join(this.#peer)
  }

  get process(): Process {
    return this.#parts.process
  }

  get sequencer(): Sequencer {
    return this.#memory.sequencer
  }

  get conductor(): ConductorClient {
    return this.#memory.conductor
  }

  get heads(): Engine['heads'] {
    return this.#memory.engine.heads
  }

  get peers(): readonly Peer[] {
    return this.#parts.network.peersOf(this.#peer)
  }

  /** The newest L1 block whose batches it has derived. */
  get derivedL1(): bigint {
    return this.#memory.derived
  }

  get kona(): boolean {
    return this.#parts.kona === true
  }

  boot(): void {
    this.process.start()
    this.#memory = this.#fresh()
    const { engine } = this.#memory
    this.process.after(NO_PRESTATE_MS, () => void engine.reset())
    if (this.#parts.kona) this.#memory.sequencer.startAnywhere()
  }

  /** Takes a payload, checks only its hash, and adopts it later if it fits. */
  post(envelope: Envelope): void {
    const { hashOf = payloadHash } = this.#parts
    if (hashOf(envelope) !== envelope.executionPayload.blockHash) throw new Error('payload has bad block hash')
    const { queue, engine } = this.#memory
    const block = blockOf(envelope)
    this.process.after(POSTED_MS, () => (this.kona ? void engine.force(block) : queue.add(block, 'posted')))
  }

  /** On a new L1 block: derive what the batcher put there. */
  async derive(): Promise<void> {
    const memory = this.#memory
    const { l1 } = this.#parts
    const head = l1.head.number
    const blocks = l1.batches.filter((batch) => batch.l1 <= head).flatMap((batch) => batch.blocks)
    const settled = l1.finalUpTo ?? head
    const final = l1.batches.findLast((batch) => batch.l1 + FINALITY <= settled)?.blocks.at(-1)
    await memory.engine.follow(blocks, final?.number ?? 0n)
    memory.derived = head
  }

  /**
   * `admin_resetDerivationPipeline`: drops the blocks that its execution client lost, and those whose L1 origin is
   * gone.
   */
  async resetDerivation(): Promise<void> {
    const { l1 } = this.#parts
    await this.#memory.engine.reset()
    await this.#memory.engine.goBack(({ l1Origin }) => l1.block(l1Origin.number).hash === l1Origin.hash)
  }

  #fresh() {
    const { execution, conductorCall, network, dueAt, build, emit } = this.#parts
    const process = this.process.life()
    const engine = new Engine(process, execution, emit)
    const conductor = new ConductorClient(process, conductorCall)
    const queue = new UnsafeQueue(process, engine, (from, to) => {
      network.request(this.#peer, from, to, (blocks) => {
        process.run(() => queue.fill(blocks))
      })
    })
    const gossip = (block: SimulatedBlock) => network.gossip(this.#peer, block)
    const sequencer = new Sequencer({
      process,
      engine,
      conductor,
      dueAt,
      build,
      gossip,
      emit,
      breaksPromise: this.kona,
    })
    return { engine, queue, sequencer, conductor, derived: this.#parts.l1.genesis.number }
  }

  #range(from: bigint, to: bigint): SimulatedBlock[] {
    const blocks: SimulatedBlock[] = []
    for (let number = from; number <= to; number += 1n) {
      const block = this.#parts.execution.at(number)
      if (block) blocks.push(block)
    }
    return blocks
  }
}
