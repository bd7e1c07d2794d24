import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { ChainFile } from '../baton/rig.ts'
import type { Devnet } from './devnet.ts'
import type { Host } from './host.ts'
import { rpc } from './rpc.ts'

type Call = { readonly id?: unknown; readonly method?: string }

/**
 * op-geths that crash as op-reth does, for want of one that is built here. op-reth keeps its newest blocks in memory:
 * killed, it comes back without them, its database in order. And it answers `debug_setHead` without doing anything.
 * Queries to the execution client come here; op-node talks to the engine of the real one.
 */
export class RethDouble {
  readonly #doors: readonly Door[]

  private constructor(doors: readonly Door[]) {
    this.#doors = doors
  }

  /** Listens for so many hosts; what they are in front of is known once the devnet is. */
  static async listen(hosts: number): Promise<RethDouble> {
    const doors = Array.from({ length: hosts }, () => new Door())
    await Promise.all(doors.map((door) => door.open()))
    return new RethDouble(doors)
  }

  /** Baton's configuration, with this in front of each execution client. */
  configure(config: ChainFile, devnet: Devnet): ChainFile {
    const nodes = devnet.hosts.map(({ executionUrl }, index) => {
      const door = this.#doors[index]
      if (!door) throw new Error(`the double has no door for host ${index}`)
      door.target = executionUrl
      return { ...config.nodes[index], execution: door.url }
    })
    return { ...config, nodes }
  }

  /**
   * SIGKILL of a host's execution client alone, and a supervisor that starts it again at once: it comes back so many
   * blocks short of what it had.
   *
   * @returns the newest block it had.
   */
  async crash(host: Host, short: number): Promise<number> {
    const door = this.#doors[host.index]
    await door?.close()
    const had = Number(await rpc<string>(host.executionUrl, 'eth_blockNumber'))
    await rpc(host.executionUrl, 'debug_setHead', [`0x${Math.max(0, had - short).toString(16)}`], 10_000)
    await host.killExecution()
    await host.startExecution()
    await door?.open()
    return had
  }

  async stop(): Promise<void> {
    await Promise.all(this.#doors.map((door) => door.close()))
  }
}

/** What stands in front of one execution client: gone while that is, on the same port afterwards. */
class Door {
  target = ''
  #server: Server | undefined
  #port = 0

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async open(): Promise<void> {
    const server = createServer((asked, answer) => {
      text(asked)
        .then((body) => answered(body) ?? this.#forward(body))
        .then((body) => answer.setHeader('content-type', 'application/json').end(body))
        .catch(() => answer.destroy())
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, '127.0.0.1', resolve)
    })
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
  }

  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server) return
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  }

  #forward(body: string): Promise<string> {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    return new Promise((resolve, reject) => {
      const sent = request(this.target, { method: 'POST', headers, timeout: 10_000 }, (reply) => {
        text(reply).then(resolve, reject)
      })
      sent.once('timeout', () => sent.destroy(new Error('no answer')))
      sent.once('error', reject)
      sent.end(body)
    })
  }
}

/** What op-reth answers by itself to a lone `debug_setHead`; `undefined` = the real client is asked. */
function answered(body: string): string | undefined {
  const call = JSON.parse(body) as Call | readonly Call[]
  if (!('method' in call) || call.method !== 'debug_setHead') return undefined
  return JSON.stringify({ jsonrpc: '2.0', id: call.id, result: null })
}
