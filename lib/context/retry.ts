import { HEARD_EVERY_MS } from '../protocol/quarantine.ts'
import { StoreUnavailableError } from '../store/errors.ts'
import type { ChainPorts, Clock } from './ports.ts'

/** How often the store is asked, and how long it is left alone in between (ms). */
export type RetryPolicy = { readonly tries: number; readonly pauseMs: number; readonly signal?: AbortSignal }

/**
 * Asks the store again when it does not answer: one slow read is no outage. Whatever else goes wrong is thrown at once.
 *
 * @throws StoreUnavailableError when it goes on.
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

/** An upgrade of minutes is not stopped by one slow answer of the store. */
export const STORE_RETRIES = { tries: 5, pauseMs: 500 } as const

/**
 * Asks the store again when it does not answer. `ask` may read, or write what may be written twice.
 *
 * @throws StoreUnavailableError when it goes on.
 */
export function retryStore<T>({ clock }: Pick<ChainPorts, 'clock'>, ask: () => Promise<T>): Promise<T> {
  return retryWhileUnavailable(clock, STORE_RETRIES, ask)
}

/**
 * Says again and again that work is carried on, while it is. Once others have it, the signal that `work` is handed
 * aborts: it begins nothing more.
 *
 * @param say throws when others have it.
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
        // A store that does not answer lets nobody else take the work either; it is said again.
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
