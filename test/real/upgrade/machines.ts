import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Host } from '../devnet/host.ts'
import { binary } from '../programs.ts'

/** The words of a host's own command for the step `upgrade`: it asks the test, whose children the nodes are. */
export function upgradeCommand(machines: Machines, host: string): string[] {
  return [process.execPath, join(import.meta.dirname, 'ask.ts'), `${machines.url}/${host}`, '{version}']
}

/** Installs versions on the hosts of a devnet: `next`, `broken` (does not start, and the step says nothing of it), `old`. */
export class Machines {
  /** What was installed, in order. */
  readonly installed: string[] = []
  url = ''
  readonly #server: Server
  #hosts: readonly Host[] = []
  #next = ''

  constructor() {
    this.#server = createServer((request, response) => {
      const [, name = '', version = ''] = request.url?.split('/') ?? []
      this.#install(name, version).then(
        () => response.end('installed'),
        (error: Error) => response.writeHead(500).end(error.message),
      )
    })
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  serve(hosts: readonly Host[], next: string): void {
    this.#hosts = hosts
    this.#next = next
  }

  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #install(name: string, version: string): Promise<void> {
    const host = this.#hosts.find((each) => each.name === name)
    if (!host) throw new Error(`no host ${name}`)
    this.installed.push(`${name} ${version}`)
    await host.killOpNode()
    if (version === 'broken') return host.opNode.process.launch(binary('op-node'), ['--no-such-flag'])
    await host.startOpNode({ program: version === 'next' ? this.#next : binary('op-node') })
  }
}
