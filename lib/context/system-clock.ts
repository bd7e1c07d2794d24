import type { Clock } from './ports.ts'

/** The clock of this process. */
export const systemClock: Clock = {
  now: Date.now,
  monotonic: () => Math.round(performance.now()),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done)
    }),
}
