import { BatonError } from '../errors.ts'
import type { Log } from '../log.ts'
import { StoreUnavailableError } from '../store/errors.ts'
import { GateError } from './errors.ts'
import { InternalError, NodeAnswerError } from './rpc-errors.ts'

/** An HTTP response, independent of the transport. */
export type GateResponse = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The response to a successful call. `id` and `result` are JSON text. */
export function formatResult(id: string, result: string): string {
  return `{"jsonrpc":"2.0","id":${id},"result":${result}}\n`
}

/** The response to a failed call. `id` is JSON text. */
export function formatError(id: string, error: BatonError): string {
  return `{"jsonrpc":"2.0","id":${id},"error":${errorText(error)}}\n`
}

/** An error of JSON-RPC. op-node logs only the message; `data` carries the code, the remedy and the facts. */
export function errorText(error: BatonError): string {
  if (error instanceof NodeAnswerError) return error.answer
  const { rpcCode = -32000, facts = {} } = error instanceof GateError ? error : {}
  const message = error instanceof StoreUnavailableError ? 'store unavailable' : error.message
  const data = { code: error.code, remedy: error.remedy, ...facts }
  return JSON.stringify({ code: rpcCode, message, data })
}

/** Wraps any error as a {@link BatonError}. */
export function toBatonError(error: unknown): BatonError {
  return error instanceof BatonError ? error : new InternalError(error)
}

/** Logs an error response: as a warning if the caller is at fault, otherwise as an error. */
export function logError(log: Log, error: BatonError, facts: object): void {
  const { message, code, cause } = error
  if (error instanceof InternalError) log.error(message, { ...facts, code, cause: stackOf(cause) })
  else if (error instanceof GateError) log.warn(message, { ...facts, code, ...error.facts })
  else log.error(message, { ...facts, code })
}

function stackOf(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}

/** A response with a JSON body. */
export function respond(status: number, body: string, headers: Readonly<Record<string, string>> = {}): GateResponse {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body }
}
