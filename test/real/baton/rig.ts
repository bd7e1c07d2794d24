import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execPath } from 'node:process'
import { promisify } from 'node:util'
import { loadConfig } from '../../../lib/config/chain-config.ts'
import { chainPorts } from '../../../lib/context/chain-ports.ts'
import type { ChainPorts } from '../../../lib/context/ports.ts'
import { freePortOr } from '../../../lib/free-port.ts'
import { silentLog } from '../../../lib/log.ts'
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../../../lib/serve/embedded/database.ts'
import { createLocalTables, type OpenStores, openStores } from '../../../lib/serve/open-stores.ts'
import { PATIENT } from '../../../lib/store/dynamo/client.ts'
import { Devnet, type DevnetOptions } from '../devnet/devnet.ts'
import { Supervised } from '../devnet/process.ts'
import { until } from '../devnet/wait.ts'
import { Wire } from './wire.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const CHAIN = 901

/** A devnet, and what of Baton's configuration shall differ. */
export type RigOptions = DevnetOptions & {
  readonly configure?: (config: ChainFile, devnet: Devnet) => object
}

/** The chain's configuration as the rig writes it. */
export type ChainFile = { readonly nodes: readonly object[] } & Readonly<Record<string, object>>

/**
 * Baton as its users run it, around a devnet: the database, `baton gate` and `baton monitor` as
 * processes of their own, and a wire in front of the gate that can lose replies.
 */
export class Rig {
  readonly devnet: Devnet
  readonly wire: Wire
  /** The same chain, seen from the test: for reading records and for the operator's acts. */
  readonly ports: ChainPorts
  readonly objectsFolder: string
  readonly gate: Supervised
  readonly monitors: readonly Supervised[]
  readonly #open: OpenStores
  readonly #config: string
  readonly #databaseFile: string
  readonly #databasePort: number
  readonly #databaseKey: EmbeddedDatabase['key']
  readonly #gatePort: number
  #database: EmbeddedDatabase | undefined

  private constructor(parts: {
    devnet: Devnet
    wire: Wire
    ports: ChainPorts
    open: OpenStores
    config: string
    folder: string
    database: EmbeddedDatabase
    gatePort: number
  }) {
    const { devnet, wire, ports, open, config, folder, database, gatePort } = parts
    this.devnet = devnet
    this.wire = wire
    this.ports = ports
    this.objectsFolder = join(folder, 'objects')
    this.gate = new Supervised('baton-gate', devnet.folder.logs)
    this.monitors = ['monitor-1', 'monitor-2'].map((name) => new Supervised(`baton-${name}`, devnet.folder.logs))
    this.#open = open
    this.#config = config
    this.#databaseFile = join(folder, 'baton.db')
    this.#databasePort = database.port
    this.#databaseKey = database.key
    this.#database = database
    this.#gatePort = gatePort
  }

  /** A devnet whose op-nodes ask Baton (by default), with the database up and nothing else running. */
  static async create({ configure = (config) => config, ...options }: RigOptions = {}): Promise<Rig> {
    const wire = new Wire()
    await wire.start()
    const secret = (index: number) => `s3cret/of-node${index}`
    const conductorRpc = (index: number) => wire.conductorRpc(CHAIN, `node${index}`, secret(index))
    const devnet = await Devnet.create({ conductorRpc, ...options })
    const folder = devnet.folder.data('baton')
    mkdirSync(folder, { recursive: true })
    const database = await startEmbeddedDatabase({ file: join(folder, 'baton.db') })
    const gatePort = await freePortOr(0)
    wire.connect(gatePort)
    const config = join(folder, 'chain.json')
    const nodes = devnet.hosts.map(({ name, consensusUrl, executionUrl, index }) => ({
      name,
      zone: `zone-${index}`,
      priority: 10 - index,
      consensus: consensusUrl,
      execution: executionUrl,
      secrets: [secret(index)],
    }))
    const store = { endpoint: database.endpoint, objects: { kind: 'folder', path: join(folder, 'objects') } }
    const chain = { id: CHAIN, name: 'devnet', blockTime: devnet.blockTime }
    const file = configure({ chain, nodes, gate: { port: gatePort }, store }, devnet)
    writeFileSync(config, JSON.stringify(file, null, 2))
    const loaded = await loadConfig(config)
    const placed = { ...store, objects: { kind: 'folder', path: store.objects.path } } as const
    await createLocalTables(placed)
    // As an operator's command has it: the test's own acts are none of the commit path's.
    const open = openStores(placed, PATIENT)
    const ports = chainPorts(loaded, open, silentLog)
    return new Rig({ devnet, wire, ports, open, config, folder, database, gatePort })
  }

  /** The gate's origin, as the op-nodes reach it. */
  get gateUrl(): string {
    return this.wire.url
  }

  /** The configuration all parts run with. */
  get configFile(): string {
    return this.#config
  }

  async startGate(): Promise<void> {
    this.#baton(this.gate, 'gate')
    await this.gate.ready('answers /healthz', async () => {
      const response = await fetch(`http://127.0.0.1:${this.#gatePort}/healthz`)
      return response.ok
    })
  }

  startMonitor(index = 0): void {
    const monitor = this.monitors[index]
    if (monitor) this.#baton(monitor, 'monitor')
  }

  /** Runs a command of the CLI to its end, as an operator would. */
  async cli(...words: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    const args = [join(ROOT, 'bin/baton.ts'), ...words, '--config', this.#config]
    return await promisify(execFile)(execPath, args, { timeout: 170_000 })
  }

  /** The store is gone: connections refused. What was written stays in its file. */
  async loseStore(): Promise<void> {
    await this.#database?.stop()
    this.#database = undefined
  }

  async restoreStore(): Promise<void> {
    this.#database = await startEmbeddedDatabase({
      file: this.#databaseFile,
      port: this.#databasePort,
      key: this.#databaseKey,
    })
  }

  /** Every record is gone, as of tables that were deleted and created again; the archive is elsewhere. */
  async emptyStore(): Promise<void> {
    await this.loseStore()
    for (const suffix of ['', '-shm', '-wal']) rmSync(`${this.#databaseFile}${suffix}`, { force: true })
    await this.restoreStore()
    await createLocalTables({
      endpoint: this.#database?.endpoint ?? '',
      objects: { kind: 'folder', path: this.objectsFolder },
    })
  }

  /** Waits until a node leads with a commit of its own term, every node is at its head, and the monitor says so. */
  async healthy(within = 60_000): Promise<string> {
    const { heads, chain } = this.ports
    return await until(
      'a healthy chain with two standbys',
      async () => {
        const head = await heads.read(chain.id)
        if (!head?.leader || head.committedTerm !== head.term) return false
        if (Date.now() - head.committedAt > this.devnet.blockTime * 1_500) return false
        const looks = await Promise.all(this.ports.nodes.map(({ name }) => this.ports.port(name).observe(head)))
        const fine = looks.every(
          ({ node, consensus, execution }) =>
            consensus.ok &&
            execution.ok &&
            consensus.value.sequencing === (node === head.leader) &&
            consensus.value.unsafe.number >= head.number - 1n &&
            execution.value.latest.number >= head.number - 1n,
        )
        return fine ? head.leader : false
      },
      { within, every: 200, hint: this.devnet.folder.logs },
    )
  }

  async stop(): Promise<void> {
    await Promise.all([...this.monitors, this.gate].map((each) => each.kill()))
    this.wire.stop()
    await this.devnet.stop()
    await this.#open.close()
    await this.#database?.stop()
  }

  #baton(process: Supervised, command: string): void {
    process.launch(execPath, [join(ROOT, 'bin/baton.ts'), command, '--config', this.#config, '--json'])
  }
}
