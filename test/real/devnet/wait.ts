import { setTimeout as sleep } from 'node:timers/promises'
import { stalledMs } from './machine.ts'

/** How long and how often to try. */
export type Patience = {
  /** Milliseconds until it is given up, not counting those in which the machine stood still; 15,000 by default. */
  readonly within?: number
  /** Milliseconds between two tries; 50 by default. */
  readonly every?: number
  /** Added to the error, for example which log to read. */
  readonly hint?: string
  /** Asked before each try; throws when waiting has become pointless. */
  readonly check?: () => void
}

/** However long the machine stands still, so many times the patience is enough. */
const MOST = 3

/**
 * Tries until the attempt returns something other than `undefined` and `false`; an attempt that
 * throws is tried again. The error names what was waited for and how the last attempt failed.
 */
export async function until<T>(
  what: string,
  attempt: () => T | undefined | false | Promise<T | undefined | false>,
  { within = 15_000, every = 50, hint, check }: Patience = {},
): Promise<T> {
  const began = performance.now()
  const stalled = stalledMs()
  for (let last = ''; ; ) {
    check?.()
    try {
      const value = await attempt()
      if (value !== undefined && value !== false) return value
      last = ''
    } catch (error) {
      last = `; last: ${error instanceof Error ? error.message : String(error)}`
    }
    const passed = performance.now() - began
    if (passed - (stalledMs() - stalled) > within || passed > MOST * within) {
      throw new Error(`${what}: not within ${within / 1000} s${last}${hint ? `; see ${hint}` : ''}`)
    }
    await sleep(every)
  }
}

/** Waits the given number of milliseconds. */
export const pause = (ms: number): Promise<void> => sleep(ms)

/** As `Promise.all`, but fails only when none is under way any more: nothing starts after the failure is handled. */
export async function allDone<T>(tasks: readonly Promise<T>[]): Promise<void> {
  const failed = (await Promise.allSettled(tasks)).find((outcome) => outcome.status === 'rejected')
  if (failed) throw failed.reason
}
