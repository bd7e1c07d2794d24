import { withTimeout } from '../with-timeout.ts'

/** How long a value lives, and how its source is spared. All in ms. */
export type CacheOptions = {
  /** A value older than this is read again before it is used; default 60 000. */
  readonly ttlMs?: number
  /** How long a caller with an old value waits for a new one; default 250. */
  readonly patienceMs?: number
  /** The least time between two reads that somebody asked for, or after one that failed; default 5000. */
  readonly spareMs?: number
  readonly now?: () => number
  /** Told of each read that failed. */
  readonly onFailure?: (error: unknown) => void
}

/** A value kept in memory, whose source may be away: the last good one stays in force. */
export type Cached<T> = {
  /** The value; an old one is read again first. Rejects only if there never was one. */
  get(): Promise<T>
  /** Reads the value again if it is past half its life, so that `get` never waits. Never rejects, nor takes longer than the patience. */
  renew(): Promise<void>
  /** Reads the value again now, unless that was done a moment ago. Never rejects; `true` = it was read. */
  again(): Promise<boolean>
}

/** Without any value, callers are waiting for one: a failed read is tried again after this long. */
const FIRST_SPARE_MS = 1_000

/** Keeps what `load` returns; `load` gets the last good value. Callers share one read. */
export function cached<T>(load: (last: T | undefined) => Promise<T>, options: CacheOptions = {}): Cached<T> {
  const {
    ttlMs = 60_000,
    patienceMs = 250,
    spareMs = 5_000,
    now = () => performance.now(),
    onFailure = () => {},
  } = options
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
  const patiently = (work: Promise<boolean>) => (good ? within(work, patienceMs) : work)

  return {
    async get() {
      if (age() >= ttlMs && (reading || !spared())) await patiently(read())
      if (good) return good.value
      throw failure
    },
    async renew() {
      if (age() >= ttlMs / 2 && !spared()) await within(read(), patienceMs)
    },
    async again() {
      return spared() ? false : patiently(read())
    },
  }
}

/** Waits for a read so many ms, and no longer; a read that is awaited elsewhere never rejects. */
const within = (read: Promise<boolean>, ms: number): Promise<boolean> => withTimeout(ms, () => read).catch(() => false)
