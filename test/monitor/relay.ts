import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

type Call = { readonly id: unknown; readonly method: string; readonly params?: unknown[] }
type Reply = { id: unknown; result?: unknown; error?: unknown }

/** An address in front of a node's client: what is behind it can be changed, what goes through it is counted. */
export type Relay = {
  readonly url: string
  /** Where calls go now. */
  target: string
  /** Methods that went through, in order. */
  readonly methods: string[]
  /** The parameters of each call of a method. */
  readonly params: Record<string, unknown[]>
  /** Changes what the client answered to a method. */
  readonly edit: Record<string, (result: unknown) => unknown>
  /** Methods the client does not have. */
  readonly lacks: Set<string>
  /** Cuts every open connection, as a process that ends does. */
  cut(): void
  close(): Promise<void>
}

/** Opens an address in front of a client. */
export async function relay(target: string): Promise<Relay> {
  const methods: string[] = []
  const params: Relay['params'] = {}
  const edit: Relay['edit'] = {}
  const lacks = new Set<string>()
  const server: Server = createServer(async (request, response) => {
    try {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      const body = JSON.parse(Buffer.concat(parts).toString()) as Call | Call[]
      const calls = Array.isArray(body) ? body : [body]
      methods.push(...calls.map(({ method }) => method))
      for (const call of calls) params[call.method] = [...(params[call.method] ?? []), call.params]
      const answered = await fetch(self.target, {
        method: 'POST',
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(5_000),
      })
      const text = await answered.text()
      if (!answered.ok) return void response.writeHead(answered.status).end(text)
      const replies = JSON.parse(text) as Reply | Reply[]
      const edited = (Array.isArray(replies) ? replies : [replies]).map((reply, i) => {
        const { method = '' } = calls[i] ?? {}
        if (lacks.has(method))
          return { ...reply, result: undefined, error: { code: -32601, message: 'method not found' } }
        const change = edit[method]
        return change && 'result' in reply ? { ...reply, result: change(reply.result) } : reply
      })
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(Array.isArray(replies) ? edited : edited[0]))
    } catch {
      request.destroy()
    }
  })
  server.keepAliveTimeout = 120_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const self: Relay = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    target,
    methods,
    params,
    edit,
    lacks,
    cut: () => server.closeAllConnections(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return self
}
