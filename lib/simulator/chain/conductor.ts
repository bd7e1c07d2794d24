import type { Envelope } from '../../chain/envelope.ts'
import type { Life } from './process.ts'

/** One JSON-RPC call to the conductor; rejects with the text of its error, or when it is unreachable. */
export type ConductorCall = (method: string, params: readonly unknown[], signal: AbortSignal) => Promise<unknown>

/** Both attempts of a call share this time, with a pause between them (op-node's own numbers). */
const BUDGET_MS = 1_000
const PAUSE_MS = 50
const TRIES = 2

/** The consensus client's side of the conductor's API. */
export class ConductorClient {
  readonly #process: Life
  readonly #call: ConductorCall
  /** Set by `admin_overrideLeader`: no more calls to the conductor until the process restarts. */
  overridden = false

  constructor(process: Life, call: ConductorCall) {
    this.#process = process
    this.#call = call
  }

  async leader(): Promise<boolean> {
    return this.overridden || (await this.#tried('conductor_leader', [])) === true
  }

  /** Resolves once the block may be published. */
  async commit(envelope: Envelope): Promise<void> {
    if (!this.overridden) await this.#tried('conductor_commitUnsafePayload', [envelope])
  }

  async #tried(method: string, params: readonly unknown[]): Promise<unknown> {
    const budget = new AbortController()
    const cancel = this.#process.after(BUDGET_MS, () => budget.abort(new Error('context deadline exceeded')))
    const forget = this.#process.whenKilled(() => budget.abort())
    try {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await this.#process.ask(() => this.#call(method, params, budget.signal))
        } catch (error) {
          if (attempt === TRIES || budget.signal.aborted) throw budget.signal.aborted ? budget.signal.reason : error
        }
        await this.#process.sleep(PAUSE_MS)
      }
    } finally {
      cancel()
      forget()
    }
  }
}

/** The network between a node and its conductor. */
type ConductorNetwork = {
  /** The conductor's URL; its userinfo is sent as Basic auth, its path kept. */
  readonly url: () => string
  readonly reachable: () => boolean
  /** Whether this call's answer gets lost on the way back; evaluated once for each commit. */
  readonly losesReply: () => boolean
}

/** Calls a conductor over HTTP as op-node's client does. */
export function httpConductor({ url, reachable, losesReply }: ConductorNetwork): ConductorCall {
  let lastId = 0
  return async (method, params, signal) => {
    if (!reachable()) return unanswered(signal)
    lastId += 1
    const response = await fetch(...request(url(), lastId, method, params, signal))
    const text = await response.text()
    if (!reachable()) return unanswered(signal)
    if (method === 'conductor_commitUnsafePayload' && losesReply()) throw new Error('EOF')
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}: ${text}`)
    const { result, error }: { result?: unknown; error?: { message: string } } = JSON.parse(text)
    if (error) throw new Error(error.message)
    return result
  }
}

function request(url: string, id: number, method: string, params: readonly unknown[], signal: AbortSignal) {
  const target = new URL(url)
  const { username, password } = target
  target.username = ''
  target.password = ''
  const userinfo = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)
  const headers: Record<string, string> = { 'content-type': 'application/json', accept: 'application/json' }
  if (username !== '') headers.authorization = `Basic ${userinfo.toString('base64')}`
  const body = JSON.stringify({ jsonrpc: '2.0', id, method, ...(params.length > 0 && { params }) })
  return [target, { method: 'POST', headers, body, signal }] as const
}

/** Packets vanish: nothing happens until the caller gives up. */
function unanswered(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
