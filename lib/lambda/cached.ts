import { withTimeout } from '../with-timeout.ts'

/** The lifetime of a value and the limits on reads of its source. All in ms. */
export type CacheOptions = {
  /** The cache reads a value older than this again before use; default 60 000. */
  readonly ttlMs?: number
  /** The longest a caller with an expired value waits for a new one; default 250. */
  readonly waitMs?: number
  /** The minimum time between two requested reads, or after a failed one; default 5000. */
  readonly spareMs?: number
  readonly now?: () => number
  /** Called with the error of each failed read. */
  readonly onFailure?: (error: unknown) => void
}

/** A value cached in memory. While its source is unavailable, the last valid value stays in force. */
export type Cached<T> = {
  /** Returns the value; reads an expired one again first. Rejects only if there never was one. */
  get(): Promise<T>
  /**
   * Reads the value again if half its lifetime is over, so that `get` never waits. Never rejects, and waits at most
   * `waitMs`.
   */
  renew(): Promise<void>
  /** Reads the value again now, unless it was just read. Never rejects; `true` = the read succeeded. */
  again(): Promise<boolean>
}

/** Retry interval of a failed read while there is no value and callers are waiting. */
const FIRST_SPARE_MS = 1_000

/** Caches the result of `load`; `load` gets the last valid value. Callers share one read. */
export function cached<T>(load: (last: T | undefined) => Promise<T>, options: CacheOptions = {}): Cached<T> {
  const { ttlMs = 60_000, waitMs = 250, spareMs = 5_000, now = () => performance.now(), onFailure = () => {} } = options
  let good: { readonly value: T; readonly readAt: number } | undefined
  let reading: Promise<boolean> | undefined
  let failure: unknown
  let triedAt = Number.NEGATIVE_INFINITY

  const read = () => {
    triedAt = now()
    reading ??= load(good?.value)
      .then((value) => {
        good = { value, readAt: now() }
        return true
      })
      .catch((error: unknown) => {
        failure = error
        onFailure(error)
        return false
      })
      .finally(() => {
        reading = undefined
      })
    return reading
  }
  const age = () => (good ? now() - good.readAt : Number.POSITIVE_INFINITY)
  const spared = () => now() - triedAt < (good ? spareMs : Math.min(spareMs, FIRST_SPARE_MS))
  const patiently = (work: Promise<boolean>) => (good ? within(work, waitMs) : work)

  return {
    async get() {
      if (age() >= ttlMs && (reading || !spared())) await patiently(read())
      if (good) return good.value
      throw failure
    },
    async renew() {
      if (age() >= ttlMs / 2 && !spared()) await within(read(), waitMs)
    },
    async again() {
      return spared() ? false : patiently(read())
    },
  }
}

/** Waits at most `ms` for a read; `false` = it failed or is still running. */
const within = (read: Promise<boolean>, ms: number): Promise<boolean> => withTimeout(ms, () => read).catch(() => false)
