import { writeFile } from 'node:fs/promises'
import type { Hex } from 'viem'
import { build } from '../build.ts'
import { SEQUENCER_ADDRESS } from './accounts.ts'
import type { StorageOptions } from './execution.ts'
import { createFolder, type Folder } from './folder.ts'
import {
  defaultFork,
  type Fork,
  l1ChainConfig,
  l2Genesis,
  type RollupConfig,
  rollupConfig,
  SYSTEM_CONFIG,
} from './genesis.ts'
import { Host, type HostPorts } from './host.ts'
import { L1, type L1Options } from './l1.ts'
import { OpBatcher } from './op-batcher.ts'
import { enode, multiaddr, p2pKey } from './peer-id.ts'
import { freePorts } from './ports.ts'
import { rpc } from './rpc.ts'
import { allDone } from './wait.ts'

/** What can be chosen; everything has a default. */
export type DevnetOptions = {
  /** Three by default. */
  readonly hosts?: number
  /** Seconds between two L2 blocks; two by default. */
  readonly blockTime?: 1 | 2
  /** The `--conductor.rpc` of a host, asked when its op-node first starts; undefined: no conductor. */
  readonly conductorRpc?: (hostIndex: number) => string | undefined
  /** The newest by default, see {@link defaultFork}. */
  readonly fork?: Fork
  /** Whether a host's op-node talks to the others; all do by default. */
  readonly p2p?: (hostIndex: number) => boolean
  /** True: the execution clients are joined to each other; none is by default, as on sequencers behind a firewall. */
  readonly executionPeers?: boolean
  /** False: no op-batcher, so the safe head stays at genesis. */
  readonly batcher?: boolean
  /** How the execution clients keep the chain, all alike or each its own way; what a crash loses depends on it. */
  readonly storage?: StorageOptions | ((hostIndex: number) => StorageOptions)
  /** L1's pace: one L2 block and finality two blocks behind the head, by default. */
  readonly l1?: Partial<L1Options>
  /** Fields of rollup.json that shall differ, for example `seq_window_size`. */
  readonly rollup?: Partial<RollupConfig>
  /** Where data and logs go; a new folder under the project's cache by default. */
  readonly folder?: string
}

/** Where op-node looks up, on L1, whose blocks to accept from gossip. */
const UNSAFE_BLOCK_SIGNER = '0x65a7ed542fb37fe237fdfbdd70b31598523fe5b32879e307bae27a0bd9581c08'

/** A rollup of real programs on loopback: L1, hosts with an execution client and op-node each, a batcher. */
export class Devnet {
  readonly hosts: readonly Host[]
  readonly l1: L1
  readonly batcher: OpBatcher
  readonly folder: Folder
  readonly blockTime: 1 | 2
  readonly #withBatcher: boolean
  readonly #fork: Fork
  readonly #rollup: Partial<RollupConfig>
  #rollupConfig: RollupConfig | undefined

  private constructor(folder: Folder, ports: readonly number[], options: DevnetOptions) {
    const { blockTime = 2, hosts = 3, batcher = true, l1, storage = {} } = options
    const [l1Port = 0, batcherPort = 0, ...rest] = ports
    this.folder = folder
    this.blockTime = blockTime
    this.#withBatcher = batcher
    this.#fork = options.fork ?? defaultFork()
    this.#rollup = options.rollup ?? {}
    this.l1 = new L1(l1Port, folder.logs, { blockTime, slotsInAnEpoch: 1, ...l1 })
    const l1Url = this.l1.url
    const hostPorts = Array.from({ length: hosts }, (_, index): HostPorts => {
      const [http = 0, engine = 0, executionP2p = 0, rpc = 0, opNodeP2p = 0] = rest.slice(index * 5)
      return { http, engine, executionP2p, rpc, opNodeP2p }
    })
    const peers = hostPorts.map(({ opNodeP2p }, index) => multiaddr(index, opNodeP2p))
    const enodes = hostPorts.map(({ executionP2p }, index) => enode(p2pKey(index), executionP2p))
    const wiring = (index: number) => ({
      conductorRpc: options.conductorRpc?.(index),
      p2p: options.p2p?.(index) ?? true,
    })
    this.hosts = hostPorts.map(
      (own, index) =>
        new Host({
          index,
          ports: own,
          folder,
          l1Url,
          peers,
          executionPeers: options.executionPeers ? enodes.filter((_, other) => other !== index) : [],
          storage: typeof storage === 'function' ? storage(index) : storage,
          wiring: () => wiring(index),
        }),
    )
    this.batcher = new OpBatcher({
      logFolder: folder.logs,
      port: batcherPort,
      l1Url,
      executionUrls: this.hosts.map((host) => host.executionUrl),
      consensusUrls: this.hosts.map((host) => host.consensusUrl),
    })
  }

  /** Builds the programs if need be and settles folder, ports and URLs; nothing runs yet. */
  static async create(options: DevnetOptions = {}): Promise<Devnet> {
    await build()
    const folder = await createFolder(options.folder)
    return new Devnet(folder, await freePorts(2 + 5 * (options.hosts ?? 3)), options)
  }

  /** op-node's configuration of the rollup; known once the devnet has started. */
  get rollupConfig(): RollupConfig {
    if (!this.#rollupConfig) throw new Error('the devnet has not started yet')
    return this.#rollupConfig
  }

  /** The hash of L2 block 0: what the first `admin_startSequencer` is called with. */
  get genesisHash(): Hex {
    return this.rollupConfig.genesis.l2.hash
  }

  /**
   * Starts everything; no node sequences yet. L2's clock runs from here on: the first sequencer
   * makes up for the seconds until it is started by blocks in quick succession, see `inStep`.
   */
  async start(): Promise<void> {
    try {
      await this.l1.start()
      await this.#startExecution()
      await allDone(this.hosts.map((host) => host.startOpNode()))
      await this.connectPeers()
      if (this.#withBatcher) this.batcher.startOnceSequencing()
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  async #startExecution(): Promise<void> {
    const { genesisFile, rollupFile, l1ConfigFile } = this.folder
    // Without a signer on L1 every node ignores all gossip, its own included.
    await this.l1.setStorage(SYSTEM_CONFIG, UNSAFE_BLOCK_SIGNER, `0x${SEQUENCER_ADDRESS.slice(2).padStart(64, '0')}`)
    await this.l1.mine()
    const origin = await this.l1.block()
    await writeFile(genesisFile, JSON.stringify(l2Genesis(origin.timestamp, this.#fork), null, 2))
    await writeFile(l1ConfigFile, JSON.stringify(l1ChainConfig(), null, 2))
    await allDone(
      this.hosts.map(async ({ execution }) => {
        await execution.init()
        await execution.start()
      }),
    )
    const genesisHash = await this.hosts[0]?.execution.hashAt(0)
    if (!genesisHash) throw new Error('the execution client of host 0 has no genesis block')
    const rollup = rollupConfig(origin, genesisHash, origin.timestamp, this.blockTime, this.#fork)
    this.#rollupConfig = { ...rollup, ...this.#rollup }
    await writeFile(rollupFile, JSON.stringify(this.#rollupConfig, null, 2))
  }

  /** Has a host sequence from this block on; from genesis by default. Its conductor must say it leads. */
  async startSequencer(hostIndex: number, hash: Hex = this.genesisHash): Promise<void> {
    const host = this.hosts[hostIndex]
    if (!host) throw new Error(`there is no host ${hostIndex}`)
    await rpc(host.consensusUrl, 'admin_startSequencer', [hash])
  }

  /** Joins every running op-node with p2p to all others; returns once they are. */
  async connectPeers(): Promise<void> {
    const joined = this.hosts.filter(({ opNode, p2p }) => opNode.process.running && !opNode.process.frozen && p2p)
    await Promise.all(joined.map((host) => host.peered(joined.length - 1)))
  }

  /** Kills everything. The logs stay; the chain data goes unless `keepData`. */
  async stop({ keepData = false } = {}): Promise<void> {
    await this.batcher.kill()
    await Promise.all(this.hosts.map((host) => host.kill()))
    await this.l1.stop()
    if (!keepData) await this.folder.clear()
  }
}
