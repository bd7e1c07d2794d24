import type { Answer, FailureClass } from '../protocol/observation.ts'
import { AnsweredError, NotTheNodeError, quote, RejectedError } from './errors.ts'

/** Why a call failed: its class, and one line for people (never the URL, which may hold a secret). */
export type Failure = { readonly failure: FailureClass; readonly message: string }

/**
 * What a system error means for the node.
 *
 * - `refused`: the machine answered that no process listens. The process is gone, or a balancer without a healthy
 * target claims so: see `deathOf`.
 * - `reset`: the connection was cut, and cut again on an immediate retry (`rpcTransport`). A killed process refuses the
 * second time, so two cuts mean a balancer, a firewall, or a live process.
 * - `timeout`: no answer. `EHOSTUNREACH` belongs here and not to `refused`: it is the network's silence after failed
 * address resolution, and a rebooting or isolated host causes it too.
 * - not listed (`ENOTFOUND`, `EAI_AGAIN`, `ENETUNREACH`, `EMFILE`, TLS codes): our own name service, route, limits or
 * trust store failed and the request never reached the node, so they are `other`.
 */
const systemErrors: Readonly<Record<string, FailureClass>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'timeout',
  EHOSTDOWN: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
}

/** JSON-RPC: method not found, invalid params, method not supported. */
const methodCodes = new Set([-32601, -32602, -32004])
const methodText = /method not found|does not exist\/is not available|unknown method/i
const credentialText = /unauthori[sz]ed|forbidden|\bjwt\b|(missing|invalid|stale|expired) token|token is expired/i

/** Classifies the failure of a call; never throws. Follows undici's chains of causes. */
export function classify(error: unknown): Failure {
  for (const cause of causes(error)) {
    const failure = classOf(cause)
    if (failure !== undefined) return { failure, message: messageOf(cause) }
  }
  return { failure: 'other', message: quote(error instanceof Error ? error.message : String(error)) }
}

function classOf(cause: Error): FailureClass | undefined {
  if (cause instanceof AnsweredError) return rpcFailure(cause)
  if (cause instanceof RejectedError) return 'credential'
  if (cause instanceof NotTheNodeError || cause instanceof SyntaxError) return 'proxy'
  if (cause.name === 'TimeoutError' || cause.name === 'AbortError') return 'timeout'
  if (cause.name === 'ValiError') return 'other'
  const code = codeOf(cause)
  if (code === undefined) return undefined
  // Not HTTP, or invalid chunks: no node's server writes that.
  return code.startsWith('HPE_') ? 'proxy' : (systemErrors[code] ?? 'other')
}

function messageOf(cause: Error): string {
  if (cause.name === 'TimeoutError' || cause.name === 'AbortError') return 'no answer in time'
  if (cause.name === 'ValiError') return `unexpected answer: ${quote(cause.message)}`
  const [code, text] = [codeOf(cause), quote(cause.message)]
  if (code === undefined || text.includes(code)) return text
  return text === '' ? code : `${code}: ${text}`
}

/** Awaits a call and never throws: returns its value, or its failure with its class. */
export async function answer<T>(call: Promise<T>): Promise<Answer<T>> {
  try {
    return { ok: true, value: await call }
  } catch (error) {
    return { ok: false, ...classify(error) }
  }
}

/** Whether an established connection was closed before the response arrived. */
export function connectionWasCut(error: unknown): boolean {
  return causes(error).some((cause) => ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(codeOf(cause) ?? ''))
}

function causes(error: unknown): Error[] {
  const chain: Error[] = []
  for (let next = error; next instanceof Error && chain.length < 16; next = next.cause) chain.push(next)
  return chain
}

function rpcFailure({ code, message }: AnsweredError): FailureClass {
  if (methodCodes.has(code) || methodText.test(message)) return 'method'
  return credentialText.test(message) ? 'credential' : 'other'
}

function codeOf(error: Error): string | undefined {
  const code = 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}
