import { createHmac } from 'node:crypto'
import type { EIP1193RequestFn } from 'viem'
import { AnsweredError, NotTheNodeError, RejectedError, statusMessage } from '../errors.ts'
import { connectionWasCut } from '../failure.ts'

type Call<method extends string> = { Method: method; Parameters: readonly unknown[]; ReturnType: unknown }

/** The methods Baton calls on an engine. Results are `unknown` here: each function parses its own. */
type EngineRpcSchema = [
  Call<`engine_${'newPayload' | 'forkchoiceUpdated' | 'getPayload'}V${number}`>,
  Call<'engine_getPayloadBodiesByRangeV1'>,
  Call<'engine_exchangeCapabilities'>,
]

/** A client of an execution client's authenticated port. Only one client at a time may move the forkchoice. */
export type EngineClient = { readonly request: EIP1193RequestFn<EngineRpcSchema> }

export type EngineClientOptions = {
  /** Timeout of a call, response included, in ms; by method, or for all. See {@link engineTimeouts}. */
  readonly timeouts?: Partial<EngineTimeouts>
  /** The clock (Unix ms) for the tokens' timestamps. */
  readonly now?: () => number
}

type EngineTimeouts = Readonly<Record<keyof typeof engineTimeouts, number>>

/**
 * Timeout of each call, in ms. The specification gives an engine 8 s for a payload or a forkchoice and 10 s for bodies;
 * a forkchoice on a stored tail re-executes it, so it gets more.
 */
export const engineTimeouts = {
  newPayload: 8_000,
  forkchoiceUpdated: 20_000,
  getPayloadBodiesByRange: 10_000,
  exchangeCapabilities: 5_000,
} as const

/**
 * Creates a client of an execution client's engine API (port 8551). Each request carries its own token. Retries a cut
 * connection once: every method called here is repeatable.
 *
 * @param secret 32 bytes, the content of the client's `jwt.hex`.
 */
export function createEngineClient(url: string, secret: Uint8Array, options: EngineClientOptions = {}): EngineClient {
  const { now = Date.now } = options
  const timeouts: EngineTimeouts = { ...engineTimeouts, ...options.timeouts }
  let id = 0

  async function request({ method, params }: { method: string; params?: unknown }): Promise<unknown> {
    const body = { jsonrpc: '2.0', id: ++id, method, params }
    const verb = method.replace(/^engine_|V\d$/g, '') as keyof EngineTimeouts
    const signal = AbortSignal.timeout(timeouts[verb] ?? engineTimeouts.newPayload)
    const send = () =>
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${signToken(secret, now())}` },
        body: JSON.stringify(body),
        signal,
      })
    const response = await send().catch((error: unknown) => {
      if (connectionWasCut(error)) return send()
      throw error
    })
    const text = await response.text()
    const { status } = response
    if (status === 401 || status === 403) throw new RejectedError(status, text)
    const answer = parse(text)
    if (answer === undefined || (!response.ok && !answer.error)) throw new NotTheNodeError(statusMessage(status, text))
    if (answer.error) throw new AnsweredError(answer.error)
    return answer.result
  }

  return { request: request as EngineClient['request'] }
}

type Answer = { readonly result?: unknown; readonly error?: { code: number; message: string; data?: unknown } }

function parse(text: string): Answer | undefined {
  try {
    const answer: unknown = JSON.parse(text)
    return typeof answer === 'object' && answer !== null ? answer : undefined
  } catch {
    return undefined
  }
}

const tokenHeader = encode({ alg: 'HS256', typ: 'JWT' })

/**
 * A JSON Web Token for one HTTP request to an engine: HS256 over the shared secret. Its only claim is the time of
 * issue; an engine accepts it within 60 s of its own clock.
 *
 * @param secret 32 bytes, the content of the client's `jwt.hex`.
 * @param now Unix ms.
 * @see https://github.com/ethereum/execution-apis/blob/main/src/engine/authentication.md
 */
export function signToken(secret: Uint8Array, now: number): string {
  const text = `${tokenHeader}.${encode({ iat: Math.floor(now / 1000) })}`
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
