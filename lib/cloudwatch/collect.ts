import type { Clock } from '../context/ports.ts'
import type { Log } from '../log.ts'
import type { ChainMetrics } from './metrics.ts'
import type { Datum, PutData } from './put-metric-data.ts'

/** Collects the metrics of every chain of a process, and writes them together. */
export type Collector = {
  /** The metrics of one chain. Its `flush` writes nothing: calls cost, lines in a log do not. */
  of(baton: string, chain: string): ChainMetrics
  /** Writes what is left, and ends. */
  close(): Promise<void>
}

const MINUTE_MS = 60_000
/** How often it is seen whether something is to be written. */
const LOOK_MS = 1_000
/** While a chain is not well, or a monitor is new, the minute under way is written as often as this (ms). */
const SOON_MS = 15_000
/** What CloudWatch has not taken is kept for so long (ms). */
const KEPT_MS = 10 * MINUTE_MS

/**
 * Collects values by the minute, as CloudWatch stores them, and writes each minute when it is over: one call a minute for
 * all chains. While a chain is not well it writes every 15 s, so that alarms know as soon as those of a deployed monitor.
 * What CloudWatch does not take is written with what follows.
 */
export function collectMetrics(put: PutData, clock: Clock, log: Log): Collector {
  const data = new Map<string, Datum>()
  const ended = new AbortController()
  let soon = true
  let writtenAt = clock.now()
  let failing = false

  const add = (baton: string, chain: string, metric: Datum['metric'], value: number) => {
    const minute = Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS
    const key = `${baton} ${chain} ${metric} ${minute}`
    merge(data, key, { baton, chain, metric, minute, count: 1, sum: value, min: value, max: value })
  }

  const write = async (now: number, all: boolean) => {
    const due = [...data].filter(([, { minute }]) => all || minute + MINUTE_MS <= now)
    if (due.length === 0) return
    for (const [key] of due) data.delete(key)
    writtenAt = now
    soon = false
    try {
      await put(due.map(([, datum]) => datum))
      if (failing) log.info('metrics are written to CloudWatch again')
      failing = false
    } catch (error) {
      if (!failing) log.warn('metrics are not written to CloudWatch; they are kept for ten minutes', { error })
      failing = true
      soon = true
      for (const [key, datum] of due) if (datum.minute + KEPT_MS > now) merge(data, key, datum)
    }
  }

  const loop = async () => {
    while (!ended.signal.aborted) {
      await clock.sleep(LOOK_MS, ended.signal)
      const now = clock.now()
      if (soon && now - writtenAt >= SOON_MS) await write(now, true)
      else if (!failing) await write(now, false)
    }
  }
  const running = loop()

  return {
    of: (baton, chain) => ({
      add: (metric, value) => {
        add(baton, chain, metric, value)
        if (metric === 'Paging' && value > 0) soon = true
      },
      note: ({ condition }) => {
        if (condition !== 'ok') soon = true
      },
      flush: () => {},
    }),
    async close() {
      ended.abort()
      await running
      await write(clock.now(), true)
    },
  }
}

function merge(data: Map<string, Datum>, key: string, datum: Datum): void {
  const { count, sum, min, max } = data.get(key) ?? { count: 0, sum: 0, min: datum.min, max: datum.max }
  data.set(key, {
    ...datum,
    count: count + datum.count,
    sum: sum + datum.sum,
    min: Math.min(min, datum.min),
    max: Math.max(max, datum.max),
  })
}
