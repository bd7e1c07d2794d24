import { once } from 'node:events'
import { rename, rm } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { ChainFile } from '../baton/rig.ts'
import type { Devnet } from '../devnet/devnet.ts'
import type { Host } from '../devnet/host.ts'
import { until } from '../devnet/wait.ts'

/** How long systemd waits before it starts a unit again (RestartSec). */
const RESTART_MS = 1_000
const LOOK_MS = 100

type Unit = {
  wanted: boolean
  /** How often it was found ended and started again. */
  restarts: number
  downSince?: number
  starting: boolean
}
type Units = { readonly execution: Unit; readonly consensus: Unit }

/**
 * What systemd is to a real host: keeps both programs of each host running, and starts and stops them
 * on demand. Baton's host executor runs its steps through {@link commands}.
 */
export class Supervisor {
  /** The steps of these hosts are answered, and do nothing. */
  readonly lazy = new Set<string>()
  /** The op-nodes of these hosts are started without their peers. */
  readonly alone = new Set<string>()
  readonly #units = new Map<Host, Units>()
  readonly #server = createServer((request, response) => void this.#answer(request.url ?? '', response))
  #port = 0
  #watch: NodeJS.Timeout | undefined

  static async listen(): Promise<Supervisor> {
    const supervisor = new Supervisor()
    supervisor.#server.listen(0, '127.0.0.1')
    await once(supervisor.#server, 'listening')
    supervisor.#port = (supervisor.#server.address() as AddressInfo).port
    return supervisor
  }

  /** Adds engine access, machines (unless asked not to) and automatic recovery to a configuration. */
  configure(config: ChainFile, devnet: Devnet, { machines = true } = {}): object {
    const nodes = config.nodes.map((node, index) => {
      const host = devnet.hosts[index]
      if (!host) return node
      return {
        ...node,
        engine: { url: host.engineUrl, jwt: { file: host.jwtFile } },
        ...(machines && { host: { kind: 'shell', stack: 'op-geth', commands: this.commands(host) } }),
      }
    })
    return { ...config, nodes, recovery: 'auto' }
  }

  /** This machine's own command lines: each asks the supervisor, and ends when it has done it. */
  commands({ name }: Host): Record<string, readonly string[]> {
    const script = join(import.meta.dirname, 'ask-supervisor.ts')
    const steps = ['start', 'stop', 'restart'].flatMap((verb) => [`${verb}-consensus`, `${verb}-execution`])
    const line = (step: string) => [process.execPath, script, `http://127.0.0.1:${this.#port}/${name}/${step}`]
    return {
      ...Object.fromEntries(steps.map((step) => [step, line(step)])),
      'empty-execution': [...line('empty-execution'), '{stamp}'],
    }
  }

  /** From now on both programs of these hosts are started again whenever they end. */
  keep(hosts: readonly Host[]): void {
    const unit = (): Unit => ({ wanted: true, restarts: 0, starting: false })
    for (const host of hosts) this.#units.set(host, { execution: unit(), consensus: unit() })
    this.#watch ??= setInterval(() => {
      for (const [host, { execution, consensus }] of this.#units) {
        this.#tend(execution, host.execution.process.running, () => host.startExecution())
        this.#tend(consensus, host.opNode.process.running, () => this.#startOpNode(host))
      }
    }, LOOK_MS)
  }

  /** How often a program of this host was found ended. */
  restarts(host: Host, program: keyof Units): number {
    return this.#units.get(host)?.[program].restarts ?? 0
  }

  /** The host is gone until it is started: nothing restarts its programs. */
  async lose(host: Host): Promise<void> {
    this.#want(host, false)
    await host.kill()
  }

  /** The machine boots: both programs come up, and what they say of themselves is their business. */
  boot(host: Host): void {
    this.#want(host, true)
  }

  /** A crash of both programs, as by a power cut; they are started again at once. */
  async crash(host: Host): Promise<void> {
    await this.lose(host)
    this.boot(host)
  }

  async stop(): Promise<void> {
    clearInterval(this.#watch)
    this.#units.clear()
    this.#server.close()
    this.#server.closeAllConnections()
  }

  #startOpNode(host: Host): Promise<void> {
    return host.startOpNode({ p2p: !this.alone.has(host.name) })
  }

  #want(host: Host, wanted: boolean): void {
    const units = this.#units.get(host)
    if (!units) return
    for (const unit of [units.execution, units.consensus]) {
      unit.wanted = wanted
      delete unit.downSince
    }
  }

  #tend(unit: Unit, running: boolean, start: () => Promise<void>): void {
    if (running || !unit.wanted || unit.starting) return
    unit.downSince ??= Date.now()
    if (Date.now() - unit.downSince < RESTART_MS) return
    delete unit.downSince
    unit.restarts++
    unit.starting = true
    void start()
      .catch(() => undefined)
      .finally(() => {
        unit.starting = false
      })
  }

  async #answer(url: string, response: ServerResponse): Promise<void> {
    const [, name = '', step = '', stamp = ''] = url.split('/')
    const host = [...this.#units.keys()].find((each) => each.name === name)
    try {
      if (!host) throw new Error(`no host ${name}`)
      if (!this.lazy.has(name)) await this.#do(host, step, stamp)
      response.end('done')
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  }

  async #do(host: Host, step: string, stamp: string): Promise<void> {
    if (step === 'empty-execution') {
      await rename(host.execution.dataFolder, `${host.execution.dataFolder}.before-${stamp}`).catch(() => undefined)
      return await host.execution.init()
    }
    const [verb, program] = step.split('-') as ['start' | 'stop' | 'restart', keyof Units]
    const unit = this.#units.get(host)?.[program]
    if (!unit) throw new Error(`no unit ${program}`)
    const { process } = program === 'execution' ? host.execution : host.opNode
    unit.wanted = false
    await until('a start under way ends', () => !unit.starting, { within: 60_000 })
    if (verb !== 'start') await process.stop(60_000)
    if (verb !== 'stop') {
      if (!process.running) await (program === 'execution' ? host.startExecution() : this.#startOpNode(host))
      unit.wanted = true
    }
  }

  /** The data folder is deleted while the host is down. */
  async deleteData(host: Host): Promise<void> {
    await this.lose(host)
    await rm(host.execution.dataFolder, { recursive: true, force: true })
  }
}
