import { type GateResponse, respond, toBatonError } from './answer.ts'
import type { GateContext } from './context.ts'
import { within } from './within.ts'

/** Everybody may ask, so the store is asked once a second at most. */
const REMEMBER_MS = 1000

/**
 * Answers `/readyz`: 200 while the store answers, else 503. Reads the head of a chain that is served:
 * the very right, and the very item, the next commit needs.
 */
export function readiness({ heads, readyChain, budgetMs, version, log }: GateContext): () => Promise<GateResponse> {
  let answer: Promise<GateResponse> | undefined
  let until = 0

  const ask = async () => {
    try {
      await within(budgetMs, 'read', 'readyz', () => heads.read(readyChain))
      return respond(200, JSON.stringify({ version, store: 'ok' }))
    } catch (thrown) {
      const { code, message } = toBatonError(thrown)
      log.error(`not ready: ${message}`, { code })
      return respond(503, JSON.stringify({ version, store: code }))
    }
  }

  return () => {
    if (!answer || performance.now() > until) {
      until = performance.now() + REMEMBER_MS
      answer = ask()
    }
    return answer
  }
}
