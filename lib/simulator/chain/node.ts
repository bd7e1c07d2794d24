import type { NodeName } from '../../protocol/records.ts'
import type { Clock } from './clock.ts'
import { httpConductor } from './conductor.ts'
import { ConsensusClient, type ConsensusParts } from './consensus.ts'
import { consensusMethods, type RollupFacts } from './consensus-rpc.ts'
import { ExecutionClient } from './execution.ts'
import { executionMethods } from './execution-rpc.ts'
import type { L1View } from './l1.ts'
import type { SimulatedBlock } from './payload.ts'
import { Process } from './process.ts'
import { RpcServer } from './rpc-server.ts'

/** Which of a sequencer's processes; `host` = both. */
export type Part = 'consensus' | 'execution' | 'host'

export type NodeParts = Pick<ConsensusParts, 'l1' | 'network' | 'dueAt' | 'build' | 'hashOf' | 'emit' | 'kona'> & {
  readonly name: NodeName
  readonly clock: Clock
  readonly rollup: RollupFacts
  readonly conductorUrl: () => string
  readonly ports: { readonly consensus: number; readonly execution: number }
  readonly onFault: (fault: string) => void
}

/** One sequencer: its two processes, their RPC servers, and all their possible faults. */
export class SimulatedNode {
  readonly name: NodeName
  /** L1 as this node's endpoint shows it. */
  readonly l1: L1View
  readonly execution: ExecutionClient
  readonly consensus: ConsensusClient
  /** The version an upgrade installed; its clients report it. */
  version: string | undefined
  readonly #parts: NodeParts
  readonly #servers: { readonly consensus: RpcServer; readonly execution: RpcServer }
  #isolated = false
  #cutOff = false
  #repliesToLose = 0
  #delayMs = 0
  #denied = false

  constructor(parts: NodeParts) {
    const { name, clock, rollup, l1, conductorUrl, ports } = parts
    this.name = name
    this.l1 = l1
    this.#parts = parts
    const reachable = () => !this.#cutOff
    const losesReply = () => this.#repliesToLose > 0 && this.#repliesToLose-- > 0
    this.execution = new ExecutionClient(clock, rollup.genesis)
    this.consensus = new ConsensusClient({
      ...parts,
      process: new Process(clock),
      execution: this.execution,
      conductorCall: httpConductor({ url: conductorUrl, reachable, losesReply }),
      connected: () => !this.#isolated,
    })
    const common = { reachable, delayMs: () => this.#delayMs, denies: () => this.#denied }
    this.#servers = {
      consensus: new RpcServer({
        ...common,
        process: this.consensus.process,
        methods: consensusMethods(this.consensus, l1, rollup, () => this),
        port: ports.consensus,
      }),
      execution: new RpcServer({
        ...common,
        process: this.execution.process,
        methods: executionMethods(this.execution, rollup.chainId, () => this.version),
        port: ports.execution,
      }),
    }
  }

  get consensusUrl(): string {
    return this.#servers.consensus.url
  }

  get executionUrl(): string {
    return this.#servers.execution.url
  }

  /** SIGKILL: ports closed, connections cut, memory gone. */
  async kill(part: Part): Promise<void> {
    this.#parts.onFault(`kill ${part}`)
    await Promise.all(
      parts(part).map((each) => {
        if (each === 'execution') this.execution.kill()
        else this.consensus.process.kill()
        return this.#servers[each].close()
      }),
    )
  }

  /** Starts what is dead. The consensus client comes up with its sequencer stopped. */
  async restart(part: Part): Promise<void> {
    this.#parts.onFault(`restart ${part}`)
    await this.start(part)
  }

  async start(part: Part = 'host'): Promise<void> {
    for (const each of parts(part)) {
      if (this[each].process.status !== 'dead') continue
      await this.#servers[each].listen()
      if (each === 'consensus') this.consensus.boot()
      else this.execution.process.start()
    }
  }

  /** SIGSTOP: accepts connections, answers nothing, does nothing; until {@link thaw}. */
  freeze(part: Part): void {
    this.#parts.onFault(`freeze ${part}`)
    for (const each of parts(part)) this[each].process.freeze()
  }

  /** SIGCONT: continues where it was, with all that arrived meanwhile. */
  thaw(part: Part): void {
    this.#parts.onFault(`thaw ${part}`)
    for (const each of parts(part)) this[each].process.thaw()
  }

  /** Cuts the network to the other nodes, or restores it. */
  isolate(isolated = true): void {
    this.#parts.onFault(isolated ? 'isolate' : 'rejoin')
    this.#isolated = isolated
  }

  /** Cuts the network to Baton in both directions (its own calls, and calls to it), or restores it. */
  cutOff(cutOff = true): void {
    this.#parts.onFault(cutOff ? 'cut off' : 'reconnect')
    this.#cutOff = cutOff
  }

  /** The next commit reaches the conductor, but its answer never reaches the node. */
  loseNextReply(): void {
    this.#parts.onFault('lose reply')
    this.#repliesToLose += 1
  }

  /** Every RPC answer and every call to its execution client takes this much longer (ms); 0 = as usual. */
  slow(ms: number): void {
    this.#parts.onFault(`slow ${ms}`)
    this.#delayMs = ms
    this.execution.latencyMs = 1 + ms
  }

  /** The execution client keeps this many of its newest blocks in memory only, as op-reth does: a kill takes them. */
  holdInMemory(count: bigint): void {
    this.#parts.onFault(`hold ${count} blocks in memory`)
    this.execution.unwritten = count
  }

  /** The execution client forgets its newest blocks, as after a crash before they were flushed. */
  loseBlocks(count: bigint): void {
    this.#parts.onFault(`lose ${count} blocks`)
    this.execution.loseBlocks(count)
  }

  /** The state of the execution client's newest block is gone, or back. */
  loseState(lost = true): void {
    this.#parts.onFault(lost ? 'lose state' : 'restore state')
    this.execution.hasState = !lost
  }

  /** Its RPC endpoints reject all credentials, as when a certificate or token has expired; or accept them again. */
  denyCredentials(denied = true): void {
    this.#parts.onFault(denied ? 'deny credentials' : 'accept credentials')
    this.#denied = denied
  }

  /** The sequencer stays on and builds nothing more, until the process restarts. */
  wedge(): void {
    this.#parts.onFault('wedge')
    this.consensus.sequencer.wedge()
  }

  /** The execution client calls these blocks invalid, as another version of it may. */
  rejectBlocks(invalid: (block: SimulatedBlock) => boolean): void {
    this.#parts.onFault('reject blocks')
    this.execution.invalid = invalid
  }

  async stop(): Promise<void> {
    this.consensus.process.kill()
    this.execution.process.kill()
    await Promise.all([this.#servers.consensus.close(), this.#servers.execution.close()])
  }
}

const parts = (part: Part) => (part === 'host' ? (['execution', 'consensus'] as const) : ([part] as const))
