import { binary } from '../programs.ts'
import type { Devnet } from './devnet.ts'
import { commandLine, type Flags } from './flags.ts'
import type { Host } from './host.ts'
import { freePorts } from './ports.ts'
import { Supervised } from './process.ts'
import { rpc } from './rpc.ts'
import { allDone, until } from './wait.ts'

/** How fast op-conductor gives a sequencer up. */
export type Health = {
  /** Seconds between two checks. */
  readonly interval: number
  /** Seconds the unsafe head may be behind the clock. */
  readonly unsafeInterval: number
  /** Connected op-nodes a sequencer must have. */
  readonly minPeers: number
}

// One peer is enough, or the loss of one host of three would make the other two unhealthy.
const DEFAULT_HEALTH: Health = { interval: 1, unsafeInterval: 5, minPeers: 1 }

/** One op-conductor beside each host, joined by raft: what Baton is measured against. */
export class OpConductors {
  readonly processes: readonly Supervised[]
  readonly #devnet: Devnet
  readonly #ports: readonly { readonly rpc: number; readonly raft: number }[]
  readonly #health: Health
  readonly #storage: string

  private constructor(devnet: Devnet, ports: readonly number[], health: Health, storage: string) {
    this.#devnet = devnet
    this.#health = health
    this.#storage = storage
    this.#ports = devnet.hosts.map((_, i) => ({ rpc: ports[2 * i] ?? 0, raft: ports[2 * i + 1] ?? 0 }))
    this.processes = devnet.hosts.map((host) => new Supervised(`${host.name}-op-conductor`, devnet.folder.logs))
  }

  /**
   * Settles the URLs, so that the devnet's `conductorRpc` can name them; nothing runs yet. Another
   * `storage` is another cluster, with nothing in its raft.
   */
  static async create(devnet: Devnet, health: Partial<Health> = {}, storage = 'op-conductor'): Promise<OpConductors> {
    const ports = await freePorts(2 * devnet.hosts.length)
    return new OpConductors(devnet, ports, { ...DEFAULT_HEALTH, ...health }, storage)
  }

  /** The host's `--conductor.rpc`. */
  url(hostIndex: number): string {
    return `http://127.0.0.1:${this.#ports[hostIndex]?.rpc}`
  }

  /** Forms the cluster beside a devnet that has started, and has host 0 sequence from genesis. */
  async start(): Promise<void> {
    await this.form()
    // op-conductor cannot start a chain that has no block yet.
    await this.#devnet.startSequencer(0)
    for (const { index } of this.#devnet.hosts) {
      await this.#until(
        index,
        'finds its sequencer healthy',
        () => this.#ask<boolean>(index, 'sequencerHealthy'),
        30_000,
      )
    }
    await this.resume()
  }

  /** Forms the cluster, led by host 0 and paused. */
  async form(): Promise<void> {
    const { hosts } = this.#devnet
    const first = hosts[0]
    if (!first) throw new Error('the devnet has no host')
    await allDone(hosts.map((host) => this.#launch(host, { paused: true, 'raft.bootstrap': host === first })))
    await this.#until(0, 'leads the cluster', () => this.#ask<boolean>(0, 'leader'))
    for (const { index, name } of hosts.slice(1)) {
      await this.#ask(0, 'addServerAsVoter', [name, this.#raftAddress(index), 0])
    }
  }

  /** From now on they commit and elect, and start and stop nothing; forgotten at a restart. */
  async pause(): Promise<void> {
    for (const { index } of this.#devnet.hosts) await this.#ask(index, 'pause')
  }

  async resume(): Promise<void> {
    for (const { index } of this.#devnet.hosts) await this.#ask(index, 'resume')
  }

  /** Starts a conductor again that was killed; it finds its cluster by itself. */
  async restart(hostIndex: number): Promise<void> {
    const host = this.#devnet.hosts[hostIndex]
    if (!host) throw new Error(`there is no host ${hostIndex}`)
    await this.#launch(host, {})
  }

  /** The one host whose conductor leads; undefined while none or several say they do. */
  async leader(): Promise<number | undefined> {
    const asked = await Promise.allSettled(this.processes.map((_, index) => this.#ask<boolean>(index, 'leader')))
    const leading = asked.flatMap((answer, index) => (answer.status === 'fulfilled' && answer.value ? [index] : []))
    return leading.length === 1 ? leading[0] : undefined
  }

  /** The command line of a host's conductor, one option a line, and its sequencer for op-conductor-ops' config.toml. */
  settings(hostIndex: number): { readonly flags: string; readonly toml: string } {
    const host = this.#devnet.hosts[hostIndex]
    if (!host) throw new Error(`there is no host ${hostIndex}`)
    const toml = {
      raft_addr: this.#raftAddress(hostIndex),
      conductor_rpc_url: this.url(hostIndex),
      node_rpc_url: host.consensusUrl,
    }
    const lines = Object.entries(toml).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`)
    return {
      flags: commandLine(this.#flags(host)).join('\n'),
      toml: `[sequencers.${host.name}]\n${lines.join('')}voting = true\n`,
    }
  }

  /** Waits until exactly one conductor leads and its node sequences. */
  async settled(withinMs = 30_000): Promise<number> {
    const leading = async () => {
      const index = await this.leader()
      const url = index === undefined ? undefined : this.#devnet.hosts[index]?.consensusUrl
      return url && (await rpc<boolean>(url, 'admin_sequencerActive', [], 500)) ? { index: index ?? 0 } : undefined
    }
    return (await until('one conductor leads and its node sequences', leading, { within: withinMs })).index
  }

  /** A planned move of the leadership; returns once it is accepted. */
  async transfer(from: number, to: number): Promise<void> {
    await this.#ask(from, 'transferLeaderToServer', [`node${to}`, this.#raftAddress(to)])
  }

  /** Kills all conductors. */
  async stop(): Promise<void> {
    await allDone(this.processes.map((process) => process.kill()))
  }

  #raftAddress(hostIndex: number): string {
    return `127.0.0.1:${this.#ports[hostIndex]?.raft}`
  }

  #ask<T>(hostIndex: number, method: string, params: readonly unknown[] = []): Promise<T> {
    return rpc<T>(this.url(hostIndex), `conductor_${method}`, params, 6_000)
  }

  #process(hostIndex: number): Supervised {
    const process = this.processes[hostIndex]
    if (!process) throw new Error(`there is no host ${hostIndex}`)
    return process
  }

  async #until(hostIndex: number, what: string, attempt: () => Promise<boolean>, within = 15_000): Promise<void> {
    await this.#process(hostIndex).ready(what, attempt, { within })
  }

  #flags(host: Host): Flags {
    const { folder } = this.#devnet
    const { interval, unsafeInterval, minPeers } = this.#health
    const ports = this.#ports[host.index]
    return {
      'rpc.addr': '127.0.0.1',
      'rpc.port': ports?.rpc,
      'consensus.addr': '127.0.0.1',
      'consensus.port': ports?.raft,
      'raft.server.id': host.name,
      'raft.storage.dir': folder.data(this.#storage),
      'rollup.config': folder.rollupFile,
      'node.rpc': host.consensusUrl,
      'execution.rpc': host.executionUrl,
      'healthcheck.interval': interval,
      'healthcheck.unsafe-interval': unsafeInterval,
      'healthcheck.min-peer-count': minPeers,
    }
  }

  async #launch(host: Host, how: Flags): Promise<void> {
    this.#process(host.index).launch(binary('op-conductor'), commandLine({ ...this.#flags(host), ...how }))
    await this.#until(host.index, 'serves JSON-RPC', async () => {
      await this.#ask(host.index, 'paused')
      return true
    })
  }
}
