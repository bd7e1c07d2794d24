import type { Clock } from '../monitor/ports.ts'
import { StoreUnavailableError } from '../store/errors.ts'

const TRIES = 5
const PAUSE_MS = 500

/**
 * Asks the store again when it does not answer: an upgrade of minutes is not stopped by one slow read.
 *
 * @throws StoreUnavailableError when it goes on.
 */
export async function patient<T>(clock: Clock, ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof StoreUnavailableError) || tries >= TRIES) throw error
    }
    await clock.sleep(PAUSE_MS)
  }
}
