/** Takes back something that was scheduled; harmless when it already happened. */
export type Cancel = () => void

/** Time as the simulated chain sees it: real, or advanced by a test. */
export type Clock = {
  /** Unix ms. */
  now(): number
  /** Does `work` once, `ms` milliseconds from now. */
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
