import { randomUUID } from 'node:crypto'
import type { Clock } from '../../context/ports.ts'
import { retryWhileUnavailable } from '../../context/retry.ts'
import type { MonitorLease, MonitorLeaseStore } from '../../store/stores.ts'
import { LeaseLost, ResequenceRefused } from './errors.ts'

/** Nothing has begun yet: a store with a bad moment is asked again. */
const STORE = { tries: 5, pauseMs: 500 } as const

/** The part of its time after which a lease that cannot be renewed is given up. */
const MOST_SILENT = 0.7

/** The lease of the process that works on a chain. */
export type Held = {
  /** Its own id: no other process, execution or person has it, whatever they are called. */
  readonly owner: string
  /** Asks the store whether it is still held. Throws {@link LeaseLost} when it is somebody else's. */
  readonly prove: () => Promise<void>
}

/** Who wants to be the only one, and for which chain. */
export type OnlyOne = {
  readonly leases: MonitorLeaseStore
  readonly clock: Clock
  readonly chain: string
  readonly by: string
  readonly signal: AbortSignal
  /** A lease that is not renewed is free after this time. */
  readonly ttlMs: number
  /** Who holds it; default somebody new. A carrier in slices is the same one in each, or would keep itself out. */
  readonly owner?: string
  /** Whether it is still needed after `use`: it then runs out, unless its owner comes again. Default: it is not. */
  readonly keeps?: (used: unknown) => boolean
}

/**
 * Runs `use` as the only one who re-sequences this chain. The signal it is given aborts with the
 * caller's own, and when the lease was lost, or could not be renewed.
 *
 * @throws ResequenceRefused when somebody else has it.
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

/** Renews the lease until it is somebody else's, or could not be renewed for so long that it soon may be. */
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
