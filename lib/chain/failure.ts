import { HttpRequestError, RpcRequestError } from 'viem'
import type { Answer, FailureClass } from '../protocol/observation.ts'

/** Why a call failed: its class, and one line for people (never the URL, which may hold a secret). */
export type Failure = { readonly failure: FailureClass; readonly message: string }

/**
 * What a system error says about the node.
 *
 * - `refused`: a machine answered that no process listens, or cut the connection (twice: see
 *   `rpcTransport`). The process is gone.
 * - `timeout`: nobody answered. `EHOSTUNREACH` belongs here and not to `refused`: it is the network's
 *   silence after failed address resolution, and a host that reboots or is cut off causes it too.
 * - not listed (`ENOTFOUND`, `EAI_AGAIN`, `ENETUNREACH`, `EMFILE`, TLS codes): our own name service,
 *   route, limits or trust store failed; the node was never asked, so they are `other`.
 */
const systemErrors: Readonly<Record<string, FailureClass>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'refused',
  EPIPE: 'refused',
  UND_ERR_SOCKET: 'refused',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'timeout',
  EHOSTDOWN: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
}

/** HTTP statuses that speak for somebody else than the server that sent them. */
const statuses: Readonly<Record<number, FailureClass>> = {
  401: 'credential',
  403: 'credential',
  407: 'credential',
  // A proxy's word for "connection refused" and "no answer" by what is behind it.
  502: 'refused',
  504: 'timeout',
}

/** JSON-RPC: method not found, invalid params, method not supported. */
const methodCodes = new Set([-32601, -32602, -32004])
const methodText = /method not found|does not exist\/is not available|unknown method/i
const credentialText = /unauthori[sz]ed|forbidden|\bjwt\b|(missing|invalid|stale|expired) token|token is expired/i

/** Names the failure of a call; never throws. Looks through viem's and undici's chains of causes. */
export function classify(error: unknown): Failure {
  for (const cause of causes(error)) {
    if (cause instanceof RpcRequestError) return { failure: rpcFailure(cause), message: cause.details }
    const status = statusOf(cause)
    if (status !== undefined) {
      return { failure: statuses[status] ?? 'other', message: statusMessage(cause, status) }
    }
    if (cause.name === 'TimeoutError' || cause.name === 'AbortError') {
      return { failure: 'timeout', message: 'no answer in time' }
    }
    if (cause.name === 'ValiError') {
      return { failure: 'other', message: `unexpected answer: ${cause.message}` }
    }
    const code = codeOf(cause)
    if (code !== undefined) {
      const message = cause.message === '' ? code : cause.message
      return {
        failure: systemErrors[code] ?? 'other',
        message: message.includes(code) ? message : `${code}: ${message}`,
      }
    }
    if (cause instanceof SyntaxError || (cause instanceof TypeError && cause.cause === undefined)) {
      return { failure: 'other', message: `not a JSON-RPC answer: ${cause.message}` }
    }
  }
  return { failure: 'other', message: error instanceof Error ? firstLine(error.message) : String(error) }
}

/** Awaits a call and never throws: its value, or its failure by class. */
export async function answer<T>(call: Promise<T>): Promise<Answer<T>> {
  try {
    return { ok: true, value: await call }
  } catch (error) {
    return { ok: false, ...classify(error) }
  }
}

/** Whether an established connection was closed before the answer came. */
export function connectionWasCut(error: unknown): boolean {
  return causes(error).some((cause) => ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(codeOf(cause) ?? ''))
}

function causes(error: unknown): Error[] {
  const chain: Error[] = []
  for (let next = error; next instanceof Error && chain.length < 16; next = next.cause) chain.push(next)
  return chain
}

function rpcFailure({ code, details }: RpcRequestError): FailureClass {
  if (methodCodes.has(code) || methodText.test(details)) return 'method'
  return credentialText.test(details) ? 'credential' : 'other'
}

function statusOf(error: Error): number | undefined {
  const status = 'status' in error ? error.status : undefined
  return typeof status === 'number' ? status : undefined
}

function statusMessage(error: Error, status: number): string {
  const text = error instanceof HttpRequestError ? error.details : error.message
  return firstLine(text.includes(String(status)) ? text : `HTTP ${status}: ${text}`)
}

function codeOf(error: Error): string | undefined {
  const code = 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').slice(0, 200)
}
