import { StoreUnavailableError } from '../store/errors.ts'
import type { Clock } from './ports.ts'

/** How often the store is asked, and how long it is left alone in between (ms). */
export type Patience = { readonly tries: number; readonly pauseMs: number; readonly signal?: AbortSignal }

/**
 * Asks the store again when it does not answer: one slow read is no outage. Whatever else goes wrong is thrown at once.
 *
 * @throws StoreUnavailableError when it goes on.
 */
export async function patient<T>(
  clock: Clock,
  { tries, pauseMs, signal }: Patience,
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
