import type { ProvedWays } from '../protocol/hand-on.ts'
import { absent, all, any, below, equals, type Write, type Written } from '../protocol/write.ts'
import type { MonitorLease } from './stores.ts'

const renew = (owner: string, until: number): Write<MonitorLease> => ({ set: { until }, when: equals('owner', owner) })

const take = (owner: string, until: number, now: number, absurd?: MonitorLease): Write<MonitorLease> => ({
  set: { owner, until, since: now },
  remove: ['waiting', 'proved'],
  when: absurd
    ? all(equals('owner', absurd.owner), equals('until', absurd.until))
    : any(absent('owner'), below('until', now)),
})

/**
 * Whether another owner holds the lease, so that acquiring it now would be refused. Ignores a lease that ends more than
 * twice the TTL from now: a wrong clock wrote it.
 */
export function isOwnedByAnother(lease: MonitorLease | undefined, owner: string, ttlMs: number, now: number): boolean {
  return lease !== undefined && lease.owner !== owner && lease.until >= now && lease.until <= now + 2 * ttlMs
}

/** Notes that `owner` waits for `holder` to hand the lease over, until `until`. */
export const waitForMonitorLease = (owner: string, holder: string, until: number): Write<MonitorLease> => ({
  set: { waiting: { owner, until } },
  when: equals('owner', holder),
})

/** Releases the lease: it ends now, and the next caller gets it, with what is handed on. */
export const releaseMonitorLease = (owner: string, ways?: ProvedWays): Write<MonitorLease> => ({
  set: { until: 0, ...(ways && { proved: { by: owner, ways } }) },
  when: all(equals('owner', owner)),
})

/**
 * Renews the lease of `owner`, or takes one that is free or expired. Times in Unix ms. When two callers compete, the
 * conditional write lets one win and both learn the owner.
 */
export async function acquireMonitorLease(
  write: (write: Write<MonitorLease>) => Promise<Written<MonitorLease>>,
  owner: string,
  ttlMs: number,
  now: number,
): Promise<MonitorLease> {
  const renewed = await write(renew(owner, now + ttlMs))
  if (renewed.applied) return renewed.item
  const { old } = renewed
  // No correct clock writes a lease this long: its clock was ahead, and its owner may be gone.
  const absurd = old && old.until > now + 2 * ttlMs ? old : undefined
  if (old && old.until >= now && !absurd) return old
  const taken = await write(take(owner, now + ttlMs, now, absurd))
  if (taken.applied) return taken.item
  return taken.old ?? { owner: '', until: 0, since: 0 }
}
