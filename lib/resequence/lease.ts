import { randomUUID } from 'node:crypto'
import type { Clock } from '../monitor/ports.ts'
import type { MonitorLeaseStore } from '../store/stores.ts'
import { ResequenceRefused } from './errors.ts'

const TRIES = 5

/**
 * Runs `use` as the only one who re-sequences this chain. The signal it is given aborts with the
 * caller's own, and when the lease was lost.
 *
 * @throws ResequenceRefused when somebody else has it.
 */
export async function asTheOnlyOne<T>(
  {
    leases,
    clock,
    chain,
    by,
    signal,
    ttlMs,
    owner = `${by}/${randomUUID()}`,
  }: {
    readonly leases: MonitorLeaseStore
    readonly clock: Clock
    readonly chain: string
    readonly by: string
    readonly signal: AbortSignal
    /** A lease that is not renewed is free after this time. */
    readonly ttlMs: number
    /** Who holds it; default somebody new. A carrier in slices is the same one in each, or would keep itself out. */
    readonly owner?: string
  },
  use: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const name = `resequence/${chain}`
  const held = await patiently(clock, () => leases.hold(name, owner, ttlMs, clock.now()))
  if (held.owner !== owner) {
    const seconds = Math.ceil((held.until - clock.now()) / 1_000)
    const remedy = `Ask ${held.owner.split('/')[0]}. If that process is gone, its lease ends in ${seconds} s.`
    throw new ResequenceRefused(`chain ${chain} is being re-sequenced by ${held.owner.split('/')[0]}`, remedy)
  }
  const lost = new AbortController()
  const renewal = setInterval(() => {
    leases.hold(name, owner, ttlMs, clock.now()).then(
      (now) => now.owner !== owner && lost.abort(),
      // The store may be away for a moment; the journal, which every step writes, is in a store, too.
      () => {},
    )
  }, ttlMs / 4)
  try {
    return await use(AbortSignal.any([signal, lost.signal]))
  } finally {
    clearInterval(renewal)
    await leases.release(name, owner).catch(() => {})
  }
}

/** Nothing has begun yet: a store with a bad moment is asked again. */
async function patiently<T>(clock: Clock, ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask()
    } catch (error) {
      if (tries === TRIES) throw error
      await clock.sleep(500)
    }
  }
}
