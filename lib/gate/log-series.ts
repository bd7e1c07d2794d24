/** How often a series may write to the log, in ms: its first line at once, then one line with a count. */
const PERIOD_MS = 60_000

/** So many series are told apart; what is beyond them shares one. Who sends made-up paths must not fill the log. */
const MOST_SERIES = 20

/** What went on in a series since its last line. */
export type Repeated = {
  /** How many times. */
  readonly count: number
  /** Unix time in ms of the first and the last of them. */
  readonly first: number
  readonly last: number
}

/** Calls `tell` with `undefined` for the first event of a series, and later once a period with what came since. */
export type LogSeries = (series: string, tell: (repeated: Repeated | undefined) => void) => void

type Running = { count: number; first: number; last: number; tell: (repeated: Repeated) => void }

/**
 * Bounds what a series of equal events writes to the log, however many there are: its first event as it is, then
 * a line a minute with how many more there were, from when to when. A minute without any ends the series.
 */
export function logSeries(now: () => number = Date.now, periodMs = PERIOD_MS): LogSeries {
  const running = new Map<string, Running>()

  const endPeriod = (series: string) => {
    const one = running.get(series)
    if (!one || one.count === 0) return void running.delete(series)
    const { count, first, last, tell } = one
    one.count = 0
    after(series)
    tell({ count, first, last })
  }
  // Whoever wants to end must not wait for the next line of a log.
  const after = (series: string) => setTimeout(() => endPeriod(series), periodMs).unref()

  return (named, tell) => {
    const series = running.has(named) || running.size < MOST_SERIES ? named : 'others'
    const at = now()
    const one = running.get(series)
    if (!one) {
      running.set(series, { count: 0, first: at, last: at, tell })
      after(series)
      return tell(undefined)
    }
    if (one.count === 0) one.first = at
    Object.assign(one, { count: one.count + 1, last: at, tell })
  }
}
