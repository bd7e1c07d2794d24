import type { Endpoints } from './context.ts'
import { Interrupted, StepFailed, ZkNodeFailed } from './errors.ts'

/** What to wait for, for how long (ms), since when (Unix ms; default now), and what to do when it does not come. */
export type Awaited = {
  readonly what: string
  readonly ms: number
  readonly since?: number
  readonly remedy: string
}

/** Reporting interval, ms. */
const REPORT_MS = 15_000

/**
 * Polls until `look` returns something. A node that does not answer is polled again; any other error ends the wait.
 *
 * @throws StepFailed when the time is over, Interrupted when the signal aborts.
 */
export async function until<T>(
  { clock, say, signal, config }: Endpoints,
  { what, ms, remedy, since = clock.now() }: Awaited,
  look: () => Promise<T | undefined>,
): Promise<T> {
  // The wall clock says only what was before: it may jump while this waits.
  const begun = clock.monotonic() - Math.max(0, clock.now() - since)
  let reportedAt = clock.monotonic()
  for (let last = ''; ; ) {
    try {
      const found = await look()
      if (found !== undefined) return found
    } catch (error) {
      if (!(error instanceof ZkNodeFailed)) throw error
      last = ` (${error.message})`
    }
    if (signal.aborted) throw new Interrupted(`waited until ${what}`)
    const waited = clock.monotonic() - begun
    if (waited > ms) throw new StepFailed(`not within ${Math.round(ms / 1000)} s: ${what}${last}`, remedy)
    if (clock.monotonic() - reportedAt > REPORT_MS) {
      reportedAt = clock.monotonic()
      say(`waiting for ${Math.round(waited / 1000)} s: ${what}`)
    }
    await clock.sleep(config.patience.pollMs, signal)
  }
}
