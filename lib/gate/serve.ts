import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { GateResponse } from './answer.ts'
import { PortTakenError } from './errors.ts'
import type { Gate } from './handle.ts'
import { BodyCutOffError, BodyTimeoutError, BodyTooLargeError } from './rpc-errors.ts'

/** Where the gate listens, and its timeouts. */
export type ServeOptions = {
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 8547, op-node's default for `--conductor.rpc`; 0 = any free port. */
  readonly port?: number
  /** Timeout for receiving a body, in ms; default 5000. */
  readonly bodyTimeoutMs?: number
  /** What else this address serves: answers a request that it knows, else returns `false`. */
  readonly beside?: (request: IncomingMessage, response: ServerResponse) => boolean
}

/** A listening gate. */
export type GateServer = {
  /** `http://<host>:<port>` */
  readonly url: string
  readonly port: number
  /** Accepts no new requests, lets running ones finish (2 s at most), then closes all connections. */
  close(): Promise<void>
}

/**
 * op-node keeps idle connections for 90 s. The gate must keep them longer, or a commit may hit a closing connection.
 */
const KEEP_ALIVE_MS = 100_000
const CLOSE_MS = 2_000

/**
 * Serves a gate over HTTP. Stateless: any number may run side by side.
 *
 * @throws PortTakenError
 */
export async function serveGate(gate: Gate, options: ServeOptions = {}): Promise<GateServer> {
  const { host = '127.0.0.1', port = 8547, bodyTimeoutMs = 5_000, beside } = options
  const server = createServer({
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: Math.min(5_000, 2 * bodyTimeoutMs),
    // The server reads and drops the rest of a refused request's body until this timeout.
    requestTimeout: 2 * bodyTimeoutMs,
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: 16_384,
    noDelay: true,
  })
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url: path = '', headers } = request
    const body = (maxBytes: number) => readBody(request, maxBytes, bodyTimeoutMs)
    const answered = await gate({ method, path, authorization: headers.authorization, body })
    // After a body timeout the rest of the body is abandoned; a closing server keeps no connection.
    if (answered.status === 408 || !server.listening) response.shouldKeepAlive = false
    send(response, answered)
    if (!request.complete && answered.status !== 408) await dropRest(request, bodyTimeoutMs)
    response.end()
  }
  server.on('request', (request, response) => {
    if (!beside?.(request, response)) void answer(request, response)
  })
  await listen(server, host, port)
  const { port: bound } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    port: bound,
    close: () => close(server),
  }
}

function send(response: ServerResponse, { status, headers, body }: GateResponse) {
  response.writeHead(status, status === 204 ? headers : { ...headers, 'content-length': Buffer.byteLength(body) })
  response.write(body)
}

/**
 * Reads and drops the rest of a refused request, for at most `ms`: closing a connection while bytes are in flight
 * resets it, and many clients then never see the answer.
 */
async function dropRest(request: IncomingMessage, ms: number): Promise<void> {
  const over = new AbortController()
  const timer = setTimeout(() => over.abort(), ms)
  try {
    request.resume()
    await once(request, 'close', { signal: over.signal })
  } catch {
    // Timed out, or the client disconnected.
  } finally {
    clearTimeout(timer)
  }
}

async function listen(server: Server, host: string, port: number) {
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new PortTakenError(host, port, cause)
    throw cause
  }
}

async function close(server: Server) {
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  const late = setTimeout(() => server.closeAllConnections(), CLOSE_MS)
  await closed
  clearTimeout(late)
}

/**
 * Reads the body of a request into one buffer.
 *
 * @throws BodyTooLargeError as soon as the size is known.
 * @throws BodyTimeoutError when the body is incomplete after `timeoutMs`.
 * @throws BodyCutOffError when the client disconnects first.
 */
export function readBody(request: IncomingMessage, maxBytes: number, timeoutMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const timer = setTimeout(() => fail(new BodyTimeoutError(timeoutMs)), timeoutMs)
    const fail = (error: Error) => {
      clearTimeout(timer)
      request.off('data', take)
      chunks.length = 0
      reject(error)
    }
    const take = (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > maxBytes) fail(new BodyTooLargeError(maxBytes))
      else chunks.push(chunk)
    }
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) return fail(new BodyTooLargeError(maxBytes))
    request.on('data', take)
    request.once('error', () => fail(new BodyCutOffError(bytes, request.headers['content-length'])))
    request.once('end', () => {
      clearTimeout(timer)
      resolve(Buffer.concat(chunks, bytes))
    })
  })
}
