import { randomInt } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Process } from './process.ts'

type RpcServerOptions = {
  readonly process: Process
  readonly methods: Methods
  /** 0 = any free port; it is kept over restarts. */
  readonly port: number
  /** Whether packets from and to Baton get through. */
  readonly reachable: () => boolean
  /** Extra time each answer takes (ms). */
  readonly delayMs: () => number
  /** Whether every caller's credentials are rejected. */
  readonly denies: () => boolean
}

type Request = { readonly id?: unknown; readonly method?: unknown; readonly params?: unknown }

/**
 * Serves a process's JSON-RPC methods over HTTP on loopback, batches in order as go-ethereum does. Dead: refuses
 * connections. Frozen or unreachable: accepts them and answers nothing.
 */
export class RpcServer {
  readonly #options: RpcServerOptions
  #server: Server | undefined
  #closed: Promise<unknown> = Promise.resolve()
  #port: number

  constructor(options: RpcServerOptions) {
    this.#options = options
    this.#port = options.port
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async listen(): Promise<void> {
    if (this.#server) return
    await this.#closed
    const server = createServer((request, response) => {
      this.#serve(request, response).catch(() => request.destroy())
    })
    server.keepAliveTimeout = 120_000
    this.#port = await bind(server, this.#port)
    this.#server = server
  }

  /** Closes the port and every connection, as the kernel does for a process that died. */
  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    this.#closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await this.#closed
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { process, reachable, delayMs } = this.#options
    const body: Buffer[] = []
    for await (const chunk of request) body.push(chunk)
    const through = (work: () => void) => {
      if (reachable()) process.run(work)
    }
    through(() => {
      // A caller that gave up during a freeze has its request cancelled.
      if (response.destroyed) return
      if (this.#options.denies()) return void response.writeHead(403).end('certificate has expired')
      void this.#answer(Buffer.concat(body).toString()).then((answer) => {
        process.after(delayMs(), () => through(() => send(response, answer)))
      })
    })
  }

  async #answer(text: string): Promise<unknown> {
    let body: unknown
    try {
      body = JSON.parse(text)
    } catch {
      return { jsonrpc: '2.0', id: null, error: { code: -32700, message: 'parse error' } }
    }
    if (!Array.isArray(body)) return this.#call(body as Request)
    const answers: unknown[] = []
    for (const call of body) answers.push(await this.#call(call as Request))
    return answers
  }

  async #call({ id = null, method, params }: Request): Promise<unknown> {
    const handler = typeof method === 'string' ? this.#options.methods[method] : undefined
    try {
      if (handler === undefined) throw new RpcError(-32601, `the method ${method} does not exist/is not available`)
      return { jsonrpc: '2.0', id, result: await handler(Array.isArray(params) ? params : []) }
    } catch (error) {
      const code = error instanceof RpcError ? error.code : -32000
      return { jsonrpc: '2.0', id, error: { code, message: error instanceof Error ? error.message : String(error) } }
    }
  }
}

function send(response: ServerResponse, answer: unknown): void {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(answer))
}

/** Listens on the port, or on a free one below the ephemeral range: no other process takes it while we are dead. */
async function bind(server: Server, port: number): Promise<number> {
  const candidate = port === 0 ? randomInt(10_000, 32_000) : port
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(candidate, '127.0.0.1', () => {
        server.off('error', reject)
        resolve()
      })
    })
    return candidate
  } catch (error) {
    if (port === 0 && (error as NodeJS.ErrnoException).code === 'EADDRINUSE') return bind(server, 0)
    throw error
  }
}

/** A JSON-RPC error with its own code; any other error is sent as -32000. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

export const invalidParams = (message: string) => new RpcError(-32602, message)

/** A JSON-RPC method of a node. */
export type Method = (params: readonly unknown[]) => unknown
export type Methods = Readonly<Record<string, Method>>
