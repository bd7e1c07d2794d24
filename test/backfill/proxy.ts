import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

type Call = { readonly id: number; readonly method: string; readonly params: readonly unknown[] }

/** A proxy in front of a real engine that can lie. */
export type EngineProxy = {
  readonly url: string
  /** Each call in the order it came: its method, and the number of the block it gave. */
  readonly calls: { readonly method: string; readonly number?: bigint }[]
  close(): void
}

/**
 * Passes every call on to the engine, but those `answer` has an answer for: these never reach it.
 */
export async function proxyEngine(
  engineUrl: string,
  answer: (method: string, params: readonly unknown[]) => unknown = () => undefined,
): Promise<EngineProxy> {
  const calls: EngineProxy['calls'] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const { id, method, params } = JSON.parse(body.toString()) as Call
    const blockNumber = (params[0] as { blockNumber?: string } | undefined)?.blockNumber
    calls.push({ method, ...(blockNumber !== undefined && { number: BigInt(blockNumber) }) })
    response.setHeader('content-type', 'application/json')
    const own = answer(method, params)
    if (own !== undefined) return response.end(JSON.stringify({ jsonrpc: '2.0', id, result: own }))
    const authorization = request.headers.authorization ?? ''
    const headers = { 'content-type': 'application/json', authorization }
    const passed = await fetch(engineUrl, { method: 'POST', headers, body }).catch(() => undefined)
    if (!passed) return response.destroy()
    response.statusCode = passed.status
    return response.end(await passed.text())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Passes a peer's ordinary RPC on, but answers "no such block" to the calls that `lacks` says. */
export async function proxyExecution(
  rpcUrl: string,
  lacks: (call: Call) => boolean,
): Promise<{ readonly url: string; close(): void }> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Call | Call[]
    const calls = [body].flat()
    const answers = await Promise.all(
      calls.map(async (call) => {
        if (lacks(call)) return { jsonrpc: '2.0', id: call.id, result: null }
        const headers = { 'content-type': 'application/json' }
        return (await fetch(rpcUrl, { method: 'POST', headers, body: JSON.stringify(call) })).json()
      }),
    )
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(Array.isArray(body) ? answers : answers[0]))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
