import type { Clock } from '../context/ports.ts'
import type { Head } from '../protocol/records.ts'

/** Reads the head after the call began. */
export type HeadNow = () => Promise<Head | undefined>

/** Reads begin at least so far apart (ms): the head's item can be 350 kB, and every read pays for all of it. */
const APART_MS = 25

/**
 * Strongly consistent reads of the head, shared: one read runs at a time, and who asks meanwhile waits for the next. So
 * any number of proxied calls costs the head's item 40 reads a second at most, and none is older than its question. A
 * call that comes alone waits for nothing.
 */
export function headNow(read: HeadNow, clock: Pick<Clock, 'monotonic' | 'sleep'>): HeadNow {
  let running: Promise<unknown> = Promise.resolve()
  let next: Promise<Head | undefined> | undefined
  let begun = -APART_MS
  const readNext = async () => {
    await running
    const early = begun + APART_MS - clock.monotonic()
    if (early > 0) await clock.sleep(early)
    begun = clock.monotonic()
    // Who asks from here on could be answered from before its question: it waits for the next one.
    next = undefined
    const reading = read()
    running = reading.catch(() => undefined)
    return await reading
  }
  return () => {
    next ??= readNext()
    return next
  }
}
