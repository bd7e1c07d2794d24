import { HEARD_EVERY_MS } from '../protocol/quarantine.ts'
import { StoreUnavailableError } from '../store/errors.ts'
import type { ChainPorts, Clock } from './ports.ts'

/** How often the store is asked, and the pauses in between (ms). */
export type RetryPolicy = { readonly tries: number; readonly pauseMs: number; readonly signal?: AbortSignal }

/**
 * Retries while the store does not answer: one slow read is no outage. Any other error is thrown at once.
 *
 * @throws StoreUnavailableError when the store stays silent.
 */
export async function retryWhileUnavailable<T>(
  clock: Clock,
  { tries, pauseMs, signal }: RetryPolicy,
  ask: () => Promise<T>,
): Promise<T> {
  for (let n = 1; ; n++) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof StoreUnavailableError) || n >= tries) throw error
    }
    await clock.sleep(pauseMs, signal)
  }
}

/** One slow answer of the store does not stop an upgrade of minutes. */
export const STORE_RETRIES = { tries: 5, pauseMs: 500 } as const

/**
 * Retries while the store does not answer. `ask` may read, or make a write that is safe to repeat.
 *
 * @throws StoreUnavailableError when the store stays silent.
 */
export function retryStore<T>({ clock }: Pick<ChainPorts, 'clock'>, ask: () => Promise<T>): Promise<T> {
  return retryWhileUnavailable(clock, STORE_RETRIES, ask)
}

/**
 * Sends heartbeats while `work` runs. Once another owner has taken the work over, the signal passed to `work` aborts,
 * and it begins nothing more.
 *
 * @param say sends one heartbeat; throws when another owner has the work.
 */
export async function withHeartbeat<T>(
  { clock, log }: Pick<ChainPorts, 'clock' | 'log'>,
  say: () => Promise<void>,
  work: (lost: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController()
  const over = new AbortController()
  const saying = (async () => {
    for (;;) {
      await clock.sleep(HEARD_EVERY_MS, over.signal)
      if (over.signal.aborted) return
      try {
        await say()
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) return lost.abort(error)
        // While the store does not answer, no other owner can take the work over; the next heartbeat tries again.
        log.warn('it could not be said that work is carried on', { error })
      }
    }
  })()
  try {
    return await work(lost.signal)
  } finally {
    over.abort()
    await saying
  }
}
