import { Agent, request as requestPlain } from 'node:http'
import { type RequestOptions, request as requestSecure, Agent as SecureAgent } from 'node:https'
import { urlToHttpOptions } from 'node:url'
import { createTransport, HttpRequestError, RpcRequestError, type Transport } from 'viem'
import { connectionWasCut } from './failure.ts'

/** How calls go over the wire. */
export type RpcTransportOptions = {
  /** How long one HTTP request may take, answer included (ms). */
  readonly timeoutMs: number
  /** Send calls made in the same turn of the event loop as one HTTP request. */
  readonly batch: boolean
  readonly headers: Readonly<Record<string, string>>
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

/** No block of any rollup is as large as this; a node that sends more is not listened to. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024

const agents = { plain: new Agent({ keepAlive: true }), secure: new SecureAgent({ keepAlive: true }) }

/**
 * JSON-RPC over HTTP for a process that asks thousands of endpoints each second: viem's own transport makes a
 * `Request`, a `Response` and two streams a call, and `fetch` keeps a pool for each origin. With 25 chains of three
 * nodes a monitor's heap was 101 MB with them and is 43 MB without (docs/scale.md). Nothing is retried, except that
 * a kept-alive connection that was cut is replaced once.
 */
export function rpcTransport(url: string, options: RpcTransportOptions): Transport {
  const endpoint = endpointOf(url, options.headers)
  let waiting: Waiting[] = []
  let lastId = 0

  const send = async (batch: readonly Waiting[], body: unknown) => {
    try {
      const reply = await exchange(endpoint, options.timeoutMs, body)
      for (const each of batch) settle(each, pick(reply, each.call, Array.isArray(body)), endpoint.shown)
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
  const request = ({ method, params }: { method: string; params?: unknown }) =>
    new Promise<unknown>((resolve, reject) => {
      lastId += 1
      const call: Call = { jsonrpc: '2.0', id: lastId, method, ...(params !== undefined && { params }) }
      const one = { call, resolve, reject }
      if (!options.batch) return void send([one], call)
      if (waiting.length === 0) setImmediate(flush)
      waiting.push(one)
    })
  return () =>
    createTransport({ key: 'http', name: 'HTTP JSON-RPC', type: 'http', retryCount: 0, request: request as never })
}

type Endpoint = {
  readonly request: typeof requestPlain
  readonly options: RequestOptions
  readonly headers: Readonly<Record<string, string>>
  /** The URL without what may be a secret. */
  readonly shown: string
}

function endpointOf(url: string, headers: Readonly<Record<string, string>>): Endpoint {
  const target = new URL(url)
  const { username, password } = target
  target.username = ''
  target.password = ''
  const userinfo = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)
  const authorization = username || password ? { authorization: `Basic ${userinfo.toString('base64')}` } : {}
  const secure = target.protocol === 'https:'
  const agent = secure ? agents.secure : agents.plain
  return {
    request: secure ? requestSecure : requestPlain,
    options: { ...urlToHttpOptions(target), method: 'POST', agent },
    shown: target.href,
    headers: { ...authorization, 'content-type': 'application/json', ...headers },
  }
}

/** Sends a body and returns the JSON that came back; throws for everything that is no JSON-RPC answer. */
async function exchange(endpoint: Endpoint, timeoutMs: number, body: unknown): Promise<unknown> {
  const text = JSON.stringify(body)
  const deadline = performance.now() + timeoutMs
  // A kept-alive connection may have died since the last call. Asking again tells a restarted or
  // healthy process from a dead one, which then refuses. Every method called here may be repeated.
  const answer = await post(endpoint, deadline, text).catch((error: unknown) => {
    if (connectionWasCut(error)) return post(endpoint, deadline, text)
    throw error
  })
  const { status } = answer
  if (status === 401 || status === 403) throw new RejectedError(status, answer.text.trim())
  if (status >= 200 && status < 300) return JSON.parse(answer.text)
  const reply = parsed(answer.text)
  if (isReply(reply)) return reply
  throw new HttpRequestError({ body: {}, details: answer.text.slice(0, 500), status, url: endpoint.shown })
}

function post(
  { request: open, options, headers }: Endpoint,
  deadline: number,
  body: string,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const request = open({ ...options, headers: { ...headers, 'content-length': Buffer.byteLength(body) } })
    const end = (error: unknown) => {
      clearTimeout(timer)
      reject(error)
      request.destroy()
    }
    const giveUp = () => end(new DOMException('no answer in time', 'TimeoutError'))
    // After a time in which this process was busy, timers come first: what has arrived meanwhile is read before the
    // node is called silent. Acting on our own slowness would be worse than being slow.
    const late = () => setImmediate(() => setImmediate(giveUp))
    const timer = setTimeout(late, Math.max(0, deadline - performance.now()))
    request.on('error', end)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > MAX_ANSWER_BYTES) end(new Error(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`))
        else chunks.push(chunk)
      })
      response.on('error', end)
      response.on('end', () => {
        clearTimeout(timer)
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks, bytes).toString() })
      })
    })
    request.end(body)
  })
}

/** The answer to one call of a batch; a server that rejects the batch as a whole answers with one error for all. */
function pick(reply: unknown, { id }: Call, batched: boolean): unknown {
  if (!batched || !Array.isArray(reply)) return reply
  return reply.find((each: Reply) => each?.id === id)
}

function settle({ call, resolve, reject }: Waiting, reply: unknown, url: string): void {
  if (!isReply(reply)) reject(new SyntaxError(`no answer to ${call.method} in what came back`))
  else if (reply.error) reject(new RpcRequestError({ body: call, error: reply.error, url }))
  else resolve(reply.result)
}

function isReply(value: unknown): value is Reply {
  if (typeof value !== 'object' || value === null) return false
  if ('result' in value) return true
  const { error } = value as Reply
  return typeof error === 'object' && error !== null && typeof error.message === 'string'
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The endpoint rejected our credentials: HTTP 401 or 403. */
export class RejectedError extends Error {
  override readonly name = 'RejectedError'
  readonly status: number
  constructor(status: number, text: string) {
    super(text === '' ? `HTTP ${status}` : `HTTP ${status}: ${text}`)
    this.status = status
  }
}
