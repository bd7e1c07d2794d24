import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

type Call = { readonly id: number; readonly method: string; readonly params?: readonly unknown[] }

/** What a method answers with: a result, or a JSON-RPC error. */
export type Reply = { readonly result: unknown } | { readonly error: { code: number; message: string } }

/** Serves HTTP on loopback for the length of the test; returns the URL. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Serves JSON-RPC; each HTTP request's method names and headers are noted in `requests`. */
export async function serveRpc(reply: (method: string, params: readonly unknown[]) => Reply) {
  const requests: { methods: string[]; authorization?: string | undefined }[] = []
  const url = await serve(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body: Call | Call[] = JSON.parse(Buffer.concat(chunks).toString())
    const calls = Array.isArray(body) ? body : [body]
    requests.push({ methods: calls.map((call) => call.method), authorization: request.headers.authorization })
    const answers = calls.map(({ id, method, params }) => ({ jsonrpc: '2.0', id, ...reply(method, params ?? []) }))
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(Array.isArray(body) ? answers : answers[0]))
  })
  return { url, requests }
}

export const methodNotFound = (method: string): Reply => ({
  error: { code: -32601, message: `the method ${method} does not exist/is not available` },
})

/** A loopback URL where nothing listens. */
export async function closedUrl(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}
