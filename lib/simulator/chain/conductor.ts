import type { Envelope } from '../../chain/envelope.ts'
import type { Life } from './process.ts'

/** One JSON-RPC call to the conductor; rejects with its error's text, or when it cannot be reached. */
export type ConductorCall = (method: string, params: readonly unknown[], signal: AbortSignal) => Promise<unknown>

/** Both tries of a call share this time, and there is a pause between them (op-node's own numbers). */
const BUDGET_MS = 1_000
const PAUSE_MS = 50
const TRIES = 2

/** The consensus client's side of the conductor's API. */
export class ConductorClient {
  readonly #process: Life
  readonly #call: ConductorCall
  /** Set by `admin_overrideLeader`: nobody is asked any more, until the process restarts. */
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
