import { RefusedActError } from '../monitor/operate/errors.ts'
import { HEARD_EVERY_MS } from '../protocol/quarantine.ts'
import type { Recovering } from './ports.ts'
import { refuseUnlessOurs } from './quarantine.ts'

/**
 * Says again and again that the recovery is at work, while `work` is. Once others have the node, the signal that
 * `work` is handed aborts: it begins nothing more.
 */
export async function whileHeard<T>(recovering: Recovering, work: (heard: Recovering) => Promise<T>): Promise<T> {
  const lost = new AbortController()
  const over = new AbortController()
  const saying = sayAgain(recovering, over.signal, lost)
  try {
    return await work({ ...recovering, signal: AbortSignal.any([recovering.signal, lost.signal]) })
  } finally {
    over.abort()
    await saying
  }
}

async function sayAgain(recovering: Recovering, over: AbortSignal, lost: AbortController): Promise<void> {
  const { clock, log } = recovering.ports
  for (;;) {
    await clock.sleep(HEARD_EVERY_MS, over)
    if (over.aborted) return
    try {
      await refuseUnlessOurs(recovering)
    } catch (error) {
      if (error instanceof RefusedActError) return lost.abort(error)
      // A store that does not answer lets nobody else take the node either; it is said again.
      log.warn('a recovery could not say that it is at work', { node: recovering.node, error })
    }
  }
}
