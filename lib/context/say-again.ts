import { HEARD_EVERY_MS } from '../protocol/quarantine.ts'
import { StoreUnavailableError } from '../store/errors.ts'
import type { ChainPorts } from './ports.ts'

/**
 * Says again and again that work is carried on, while it is. Once others have it, the signal that `work` is handed
 * aborts: it begins nothing more.
 *
 * @param say throws when others have it.
 */
export async function sayAgain<T>(
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
