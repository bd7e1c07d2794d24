import { randomUUID } from 'node:crypto'
import type { Clock } from '../../context/ports.ts'
import { retryWhileUnavailable } from '../../context/retry.ts'
import type { MonitorLease, MonitorLeaseStore } from '../../store/stores.ts'
import { LeaseLost, ResequenceRefused } from './errors.ts'

/** Nothing has begun yet, so a store with a transient fault is retried. */
const STORE = { tries: 5, pauseMs: 500 } as const

/** The fraction of its lifetime after which a lease that cannot be renewed is given up. */
const MOST_SILENT = 0.7

/** The lease of the process that works on a chain. */
export type Held = {
  /** Its own id: no other process, execution or person shares it, whatever their names. */
  readonly owner: string
  /** Checks in the store that the lease is still held. Throws {@link LeaseLost} when another owner has it. */
  readonly prove: () => Promise<void>
}

/** The lease to take, its chain and its owner. */
export type OnlyOne = {
  readonly leases: MonitorLeaseStore
  readonly clock: Clock
  readonly chain: string
  readonly by: string
  readonly signal: AbortSignal
  /** A lease that is not renewed is free after this time. */
  readonly ttlMs: number
  /** The owner's id; default a new one. A run in slices uses the same id in each, or it would lock itself out. */
  readonly owner?: string
  /** Whether to keep the lease after `use`: then it expires, unless its owner renews it. Default: release it. */
  readonly keeps?: (used: unknown) => boolean
}

/**
 * Runs `use` as the only process that re-sequences this chain. Its signal aborts with the caller's own, and when the
 * lease is lost or cannot be renewed.
 *
 * @throws ResequenceRefused when another owner has the lease.
 */
export async function asTheOnlyOne<T>(
  asked: OnlyOne,
  use: (signal: AbortSignal, held: Held) => Promise<T>,
): Promise<T> {
  const { leases, clock, chain, by, signal, ttlMs, owner = `${by}/${randomUUID()}`, keeps = () => false } = asked
  const name = `resequence/${chain}`
  const hold = () => leases.acquire(name, owner, ttlMs, clock.now())
  const held = await retryWhileUnavailable(clock, STORE, hold)
  if (held.owner !== owner) {
    const seconds = Math.ceil((held.until - clock.now()) / 1_000)
    const remedy = `Ask ${held.owner.split('/')[0]}. If that process is gone, its lease ends in ${seconds} s.`
    throw new ResequenceRefused(`chain ${chain} is being re-sequenced by ${held.owner.split('/')[0]}`, remedy)
  }
  const lost = new AbortController()
  const renewal = renew({ clock, owner, ttlMs, hold }, () => lost.abort())
  const prove = async () => {
    const now = await retryWhileUnavailable(clock, STORE, hold)
    if (now.owner === owner) return
    lost.abort()
    throw new LeaseLost(`the lease of chain ${chain} is now that of ${now.owner.split('/')[0]}: nothing was written`)
  }
  let kept = false
  try {
    const used = await use(AbortSignal.any([signal, lost.signal]), { owner, prove })
    kept = keeps(used)
    return used
  } finally {
    clearInterval(renewal)
    if (!kept) await leases.release(name, owner).catch(() => {})
  }
}

type Renewing = Required<Pick<OnlyOne, 'clock' | 'owner' | 'ttlMs'>> & { readonly hold: () => Promise<MonitorLease> }

/** Renews the lease until another owner has it, or the failed renewals bring it close to expiry. */
function renew({ clock, owner, ttlMs, hold }: Renewing, onLost: () => void): NodeJS.Timeout {
  let heldAt = clock.monotonic()
  return setInterval(() => {
    const asked = clock.monotonic()
    hold().then(
      (now) => {
        if (now.owner === owner) heldAt = asked
        else onLost()
      },
      () => {
        if (clock.monotonic() - heldAt >= ttlMs * MOST_SILENT) onLost()
      },
    )
  }, ttlMs / 4)
}
