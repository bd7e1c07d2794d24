import { Execution, type StorageOptions } from './execution.ts'
import type { Folder } from './folder.ts'
import { OpNode, type Wiring } from './op-node.ts'
import { rpc } from './rpc.ts'
import { until } from './wait.ts'

/** One of the two programs of a host. */
export type HostProgram = 'op-node' | 'execution'

/** The ports of one host's programs. */
export type HostPorts = Record<'http' | 'engine' | 'executionP2p' | 'rpc' | 'opNodeP2p', number>

/** What a host needs to run. */
export type HostOptions = {
  readonly index: number
  readonly ports: HostPorts
  readonly folder: Folder
  readonly l1Url: string
  /** The p2p addresses of all hosts, by index. */
  readonly peers: readonly string[]
  /** The p2p addresses of the other execution clients it is joined to. */
  readonly executionPeers: readonly string[]
  readonly storage: StorageOptions
  /** Asked once, at op-node's first start: a conductor's URL may be known only then. */
  readonly wiring: () => Wiring
}

/** A sequencer's host: one execution client and one consensus client, on the same URLs over restarts. */
export class Host {
  readonly index: number
  readonly name: string
  readonly consensusUrl: string
  readonly executionUrl: string
  readonly engineUrl: string
  /** Holds the secret for `engineUrl`. */
  readonly jwtFile: string
  readonly execution: Execution
  readonly opNode: OpNode
  readonly logs: Readonly<Record<HostProgram, string>>
  readonly #peers: readonly string[]
  readonly #wire: () => Wiring
  #wired: Wiring | undefined

  constructor({ index, ports, folder, l1Url, peers, executionPeers, storage, wiring }: HostOptions) {
    this.index = index
    this.name = `node${index}`
    this.#peers = peers
    this.#wire = wiring
    const { logs: logFolder, jwtFile, genesisFile, rollupFile, l1ConfigFile } = folder
    this.jwtFile = jwtFile
    const name = `${this.name}-execution`
    const dataFolder = folder.data(name)
    this.execution = new Execution({
      name,
      index,
      logFolder,
      dataFolder,
      genesisFile,
      jwtFile,
      nodeKeyFile: `${dataFolder}.key`,
      storage,
      peers: executionPeers,
      ports: { http: ports.http, engine: ports.engine, p2p: ports.executionP2p },
    })
    this.opNode = new OpNode({
      index,
      name: `${this.name}-op-node`,
      logFolder,
      jwtFile,
      rollupFile,
      l1ConfigFile,
      l1Url,
      peers,
      engineUrl: this.execution.engineUrl,
      engineKind: this.execution.kind === 'op-reth' ? 'reth' : 'geth',
      ports: { rpc: ports.rpc, p2p: ports.opNodeP2p },
    })
    this.consensusUrl = this.opNode.url
    this.executionUrl = this.execution.url
    this.engineUrl = this.execution.engineUrl
    this.logs = { 'op-node': this.opNode.process.log, execution: this.execution.process.log }
  }

  /** True unless the node runs, or would run, cut off from the others. */
  get p2p(): boolean {
    return this.#wiring().p2p ?? true
  }

  killOpNode(): Promise<void> {
    return this.opNode.process.kill()
  }

  /** Starts op-node and joins it to its peers; what `change` says holds for later starts too. */
  async startOpNode(change: Wiring = {}): Promise<void> {
    this.#wired = { ...this.#wiring(), ...change }
    await this.opNode.start(this.#wired)
    if (this.p2p) await this.connectPeers()
  }

  killExecution(): Promise<void> {
    return this.execution.process.kill()
  }

  startExecution(): Promise<void> {
    return this.execution.start()
  }

  /** Both programs at once, as a host that is lost. */
  async kill(): Promise<void> {
    await Promise.all([this.killOpNode(), this.killExecution()])
  }

  async start(change: Wiring = {}): Promise<void> {
    await this.startExecution()
    await this.startOpNode(change)
  }

  /** Ends both programs in good order. */
  async stop(): Promise<void> {
    await this.opNode.process.stop()
    await this.execution.process.stop()
  }

  freeze(program: HostProgram): void {
    this.#process(program).freeze()
  }

  thaw(program: HostProgram): void {
    this.#process(program).thaw()
  }

  /** Dials every other host's op-node now; its own redial comes once a minute. A host that is away is left out. */
  async connectPeers(): Promise<void> {
    const others = this.#peers.filter((_, index) => index !== this.index)
    await Promise.allSettled(others.map((peer) => rpc(this.consensusUrl, 'opp2p_connectPeer', [peer], 3_000)))
  }

  /** Waits until this node has as many peers. */
  async peered(count: number): Promise<void> {
    await until(
      `${this.name} has ${count} peers`,
      async () => {
        const { connected } = await rpc<{ connected: number }>(this.consensusUrl, 'opp2p_peerStats', [], 1_000)
        if (connected < count) await this.connectPeers()
        return connected >= count
      },
      { every: 200, hint: this.logs['op-node'] },
    )
  }

  #wiring(): Wiring {
    this.#wired ??= this.#wire()
    return this.#wired
  }

  #process(program: HostProgram) {
    return program === 'execution' ? this.execution.process : this.opNode.process
  }
}
