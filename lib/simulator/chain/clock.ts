/** Cancels scheduled work; harmless when it has already run. */
export type Cancel = () => void

/** Time on the simulated chain: real, or advanced by a test. */
export type Clock = {
  /** Unix ms. */
  now(): number
  /** Runs `work` once, `ms` milliseconds from now. */
  after(ms: number, work: () => void): Cancel
}

/** The machine's own clock. */
export const realClock: Clock = {
  now: () => Date.now(),
  after(ms, work) {
    const timer = setTimeout(work, ms)
    return () => clearTimeout(timer)
  },
}
