import { Agent, request as requestPlain } from 'node:http'
import { type RequestOptions, request as requestSecure, Agent as SecureAgent } from 'node:https'
import { urlToHttpOptions } from 'node:url'
import { AnsweredError, NotTheNodeError, RejectedError, statusMessage } from './errors.ts'
import { connectionWasCut } from './failure.ts'
import { parseAnswer } from './parse-answer.ts'

/** The transport options. */
export type RpcTransportOptions = {
  /** Timeout of one HTTP request, response included, in ms. */
  readonly timeoutMs: number
  /** Sends calls made in the same turn of the event loop as one HTTP request. */
  readonly batch: boolean
  readonly headers: Readonly<Record<string, string>>
  /** Retries once, over a new connection, when a kept-alive one was cut. Another process may answer there. */
  readonly replaceCut: boolean
  /** Called whenever a request uses a new connection. */
  readonly onConnect: () => void
}

type Call = { readonly jsonrpc: '2.0'; readonly id: number; readonly method: string; readonly params?: unknown }
type Reply = {
  readonly id?: unknown
  readonly result?: unknown
  readonly error?: { code: number; message: string; data?: unknown }
}
type Waiting = {
  readonly call: Call
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

/** Makes one call to an endpoint; resolves with the raw result. */
export type RpcRequest = (call: { readonly method: string; readonly params?: unknown }) => Promise<unknown>

const KB = 1024
/** Limit for whole blocks and receipts: no rollup's block is this large. */
const MOST_BYTES = 64 * KB * KB
/** Limit for a header with the hashes of its transactions. */
const HEADER_BYTES = KB * KB
/** Limit for all other calls. */
const SMALL_BYTES = 64 * KB
/** The minimum limit of any answer. */
const LEAST_BYTES = KB * KB
/** The bytes read of an HTTP error's body. */
const ERROR_BYTES = 4 * KB

/** The size limit of the answer to these calls: a standby must not keep the monitor busy with its answers. */
export function mostBytes(calls: readonly { readonly method: string; readonly params?: unknown }[]): number {
  const sum = calls.reduce((bytes, call) => bytes + bytesOf(call), 0)
  return Math.min(MOST_BYTES, Math.max(LEAST_BYTES, sum))
}

function bytesOf({ method, params }: { readonly method: string; readonly params?: unknown }): number {
  if (method === 'eth_getBlockReceipts') return MOST_BYTES
  if (method !== 'eth_getBlockByNumber' && method !== 'eth_getBlockByHash') return SMALL_BYTES
  const whole = Array.isArray(params) && params[1] === true
  return whole ? MOST_BYTES : HEADER_BYTES
}

const agents = { plain: new Agent({ keepAlive: true }), secure: new SecureAgent({ keepAlive: true }) }

/**
 * JSON-RPC over HTTP for a process that calls thousands of endpoints each second: viem's own transport creates a
 * `Request`, a `Response` and two streams per call, and `fetch` keeps a pool for each origin. With 25 chains of three
 * nodes a monitor's heap was 101 MB with them and is 43 MB without (docs/scale.md). Retries nothing, but replaces a cut
 * kept-alive connection once.
 *
 * Fails with an {@link AnsweredError} when the process answers with an error, a {@link NotTheNodeError} when the
 * response is not JSON-RPC, a {@link RejectedError} for credentials, otherwise with the system's error. None contains
 * the URL.
 */
export function rpcTransport(url: string, options: RpcTransportOptions): RpcRequest {
  const { replaceCut, onConnect } = options
  const endpoint = { ...endpointOf(url, options.headers), replaceCut, onConnect }
  let waiting: Waiting[] = []
  let lastId = 0

  const send = async (batch: readonly Waiting[], body: unknown) => {
    try {
      const limit = mostBytes(batch.map(({ call }) => call))
      const reply = await exchange(endpoint, { timeoutMs: options.timeoutMs, limit }, body)
      for (const each of batch) settle(each, pick(reply, each.call, Array.isArray(body)))
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
  const flush = () => {
    const batch = waiting
    waiting = []
    void send(
      batch,
      batch.map(({ call }) => call),
    )
  }
  return ({ method, params }) =>
    new Promise<unknown>((resolve, reject) => {
      lastId += 1
      const call: Call = { jsonrpc: '2.0', id: lastId, method, ...(params !== undefined && { params }) }
      const one = { call, resolve, reject }
      if (!options.batch) return void send([one], call)
      if (waiting.length === 0) setImmediate(flush)
      waiting.push(one)
    })
}

/** Whether a kept-alive connection to this URL is free: then the next request of this turn goes over it. */
export function hasConnection(url: string): boolean {
  const { hostname, port, protocol } = urlToHttpOptions(new URL(url))
  const secure = protocol === 'https:'
  // An agent's name of a connection begins with the place; what follows are its TLS options.
  const place = `${hostname}:${port || (secure ? 443 : 80)}:`
  const { freeSockets } = secure ? agents.secure : agents.plain
  return Object.entries(freeSockets).some(
    ([name, sockets = []]) => name.startsWith(place) && sockets.some(({ destroyed }) => !destroyed),
  )
}

/** Sends a body of JSON-RPC as it is; resolves with the answer's bytes, which are JSON-RPC of any size up to `limit`. */
export type RawRequest = (body: string, limits: Limits) => Promise<Buffer>

/** {@link rpcTransport} for who passes answers on: it parses nothing. Fails as it does, but for errors of JSON-RPC. */
export function rawTransport(url: string): RawRequest {
  const endpoint = { ...endpointOf(url, {}), replaceCut: true, onConnect: () => {} }
  return async (body, { timeoutMs, limit }) => {
    return ofTheNode(await postTwice(endpoint, performance.now() + timeoutMs, limit, body), limit, false)
  }
}

type Endpoint = {
  readonly request: typeof requestPlain
  readonly options: RequestOptions
  readonly headers: Readonly<Record<string, string>>
  readonly replaceCut: boolean
  readonly onConnect: () => void
}

function endpointOf(
  url: string,
  headers: Readonly<Record<string, string>>,
): Omit<Endpoint, 'onConnect' | 'replaceCut'> {
  const { target, headers: authorization } = splitUserinfo(url)
  const secure = target.protocol === 'https:'
  const agent = secure ? agents.secure : agents.plain
  return {
    request: secure ? requestSecure : requestPlain,
    options: { ...urlToHttpOptions(target), method: 'POST', agent },
    headers: { ...authorization, 'content-type': 'application/json', ...headers },
  }
}

type Limits = { readonly timeoutMs: number; readonly limit: number }
type Arrived = { readonly status: number; readonly body: Buffer }

/** Sends a body and returns the JSON of the response; throws for anything but a JSON-RPC response. */
async function exchange(endpoint: Endpoint, { timeoutMs, limit }: Limits, body: unknown): Promise<unknown> {
  const text = JSON.stringify(body)
  const deadline = performance.now() + timeoutMs
  return parseAnswer(ofTheNode(await postTwice(endpoint, deadline, limit, text), limit, true), limit)
}

/**
 * The body of a response that is the node's own. Its error may come with a status; a status of 500 and above is a
 * proxy's, whatever its body.
 *
 * @param quotes whether an error repeats what the body says.
 * @throws RejectedError for credentials, NotTheNodeError for anything else that is not the node's.
 */
function ofTheNode({ status, body }: Arrived, limit: number, quotes: boolean): Buffer {
  if (status >= 200 && status < 300) return body
  const text = quotes ? body.toString() : ''
  if (status === 401 || status === 403 || status === 407) throw new RejectedError(status, text)
  const reply = parsed(body, limit)
  if (!isReply(reply)) throw new NotTheNodeError(statusMessage(status, text))
  if (status < 500) return body
  throw new NotTheNodeError(statusMessage(status, quotes ? (reply.error?.message ?? '') : ''))
}

/**
 * A kept-alive connection may have died since the last call. A retry distinguishes a restarted or healthy process from
 * a dead one, which then refuses. Every method called here is repeatable.
 */
async function postTwice(endpoint: Endpoint, deadline: number, limit: number, body: string): Promise<Arrived> {
  try {
    return await post(endpoint, deadline, limit, body)
  } catch (error) {
    if (endpoint.replaceCut && connectionWasCut(error)) return await post(endpoint, deadline, limit, body)
    throw error
  }
}

function post(
  { request: open, options, headers, onConnect }: Endpoint,
  deadline: number,
  limit: number,
  body: string,
): Promise<Arrived> {
  return new Promise((resolve, reject) => {
    const request = open({ ...options, headers: { ...headers, 'content-length': Buffer.byteLength(body) } })
    const end = (error: unknown) => {
      clearTimeout(timer)
      reject(error)
      request.destroy()
    }
    const giveUp = () => end(new DOMException('no answer in time', 'TimeoutError'))
    // After this process was busy, timers fire first: read what has arrived before calling the node silent. Acting on
    // our own slowness would be worse than being slow.
    const late = () => setImmediate(() => setImmediate(giveUp))
    const timer = setTimeout(late, Math.max(0, deadline - performance.now()))
    request.on('error', end)
    request.on('socket', () => {
      if (!request.reusedSocket) onConnect()
    })
    request.on('response', (response) => {
      const { statusCode: status = 0 } = response
      const fine = status >= 200 && status < 300
      const chunks: Buffer[] = []
      let bytes = 0
      const finish = (length: number) => {
        clearTimeout(timer)
        resolve({ status, body: Buffer.concat(chunks, length) })
      }
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        chunks.push(chunk)
        if (fine && bytes > limit) end(new NotTheNodeError(`the answer is larger than ${limit} bytes`))
        else if (!fine && bytes > ERROR_BYTES) {
          finish(ERROR_BYTES)
          request.destroy()
        }
      })
      response.on('error', end)
      response.on('end', () => finish(bytes))
    })
    request.end(body)
  })
}

/** Picks the answer to one call of a batch; a server that rejects the whole batch answers with one error for all. */
function pick(reply: unknown, { id }: Call, batched: boolean): unknown {
  if (!batched || !Array.isArray(reply)) return reply
  return reply.find((each: Reply) => each?.id === id)
}

function settle({ call, resolve, reject }: Waiting, reply: unknown): void {
  if (!isReply(reply)) reject(new NotTheNodeError(`not a JSON-RPC answer: nothing about ${call.method}`))
  else if (reply.error) reject(new AnsweredError(reply.error))
  else resolve(reply.result)
}

function isReply(value: unknown): value is Reply {
  if (typeof value !== 'object' || value === null) return false
  if ('result' in value) return true
  const { error } = value as Reply
  return typeof error === 'object' && error !== null && typeof error.message === 'string'
}

function parsed(body: Buffer, limit: number): unknown {
  try {
    return parseAnswer(body, limit)
  } catch {
    return undefined
  }
}

/** Splits a URL from its user name and password, and turns those into a header: no message may show them. */
export function splitUserinfo(url: string): {
  readonly target: URL
  readonly headers: Readonly<Record<string, string>>
} {
  const target = new URL(url)
  const { username, password } = target
  target.username = ''
  target.password = ''
  if (!username && !password) return { target, headers: {} }
  const userinfo = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)
  return { target, headers: { authorization: `Basic ${userinfo.toString('base64')}` } }
}
