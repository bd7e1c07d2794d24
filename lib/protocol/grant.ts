import { unchanged } from './control.ts'
import type { Cause } from './reason.ts'
import type { Head, Lease, NodeName } from './records.ts'
import { all, any, below, equals, type Write } from './write.ts'

const HOUR_MS = 3_600_000

/** When Baton moved sequencing on its own within the last hour (Unix ms); what the budget counts. */
export const recentGrants = ({ grants }: Lease, now: number): number[] => grants.filter((at) => at > now - HOUR_MS)

/**
 * The pause after a round in which every candidate failed is over once somebody is granted or commits, or the head
 * moved: what failed on another head says nothing about this one. It would delay the next failover, and one that a clock far ahead wrote would come to bind later.
 */
const NO_COOL_DOWN = { cooldownUntil: 0 } as const

/** A grant to be made: to whom, why, and whether it must wait for the running lease. */
export type Grant = {
  readonly to: NodeName
  readonly cause: Cause
  /** `true`: the reason (dead leader, operator) allows to grant before the lease has expired. */
  readonly overLease: boolean
  /** Counted against the budget of automatic moves. */
  readonly automatic: boolean
  /** The round of candidates goes on: remember the leader as tried. */
  readonly sameRound: boolean
  readonly leaseMs: number
}

/**
 * Grants the next term. Two monitors that decide at once write the same term; one of them wins.
 * A switchover request that is due is consumed by the same write, and so is one for the grantee; one for later and
 * another node stays. An operator's act in between (a pause, a quarantine, a request) makes it start over.
 */
export function grant(
  lease: Lease,
  { to, cause, overLease, automatic, sameRound, leaseMs }: Grant,
  now: number,
): Write<Lease> {
  const orders = unchanged(lease)
  // A leader that was renewed since commits again: what was decided against it before no longer holds.
  const seen = automatic ? all(orders, equals('renewedAt', lease.renewedAt)) : orders
  const recent = recentGrants(lease, now)
  return {
    set: {
      leader: to,
      term: lease.term + 1,
      cause,
      previousLeader: lease.leader,
      grantedAt: now,
      renewedAt: now,
      expiresAt: now + leaseMs,
      tried: sameRound && lease.leader !== '' ? [...new Set([...lease.tried, lease.leader])] : [],
      grants: automatic ? [...recent, now] : recent,
      ...NO_COOL_DOWN,
    },
    remove: isForLater(lease, to, now) ? [] : ['switchover'],
    when: overLease ? seen : all(seen, below('expiresAt', now)),
  }
}

/** Whether a switchover is scheduled that a grant to this node leaves alone. */
export const isForLater = ({ switchover }: Lease, to: NodeName, now: number): boolean =>
  switchover !== undefined && switchover.notBefore > now && switchover.to !== to

/** Prolongs the lease of a leader that commits, and remembers when commits were first seen. */
export function renew(lease: Lease, leaseMs: number, now: number): Write<Lease> {
  return {
    set: {
      renewedAt: now,
      expiresAt: now + leaseMs,
      tried: [],
      armedAt: lease.armedAt || now,
      ...NO_COOL_DOWN,
    },
    when: all(equals('term', lease.term), equals('leader', lease.leader), equals('renewedAt', lease.renewedAt)),
  }
}

/** Brings the lease up to a head that was fenced further than the lease knows. The head is right; candidates are tried anew. */
export function followHead(lease: Lease, head: { leader: NodeName; term: number }, now: number): Write<Lease> {
  return {
    set: {
      leader: head.leader,
      term: head.term,
      previousLeader: lease.leader,
      grantedAt: now,
      renewedAt: now,
      expiresAt: now,
      tried: [],
      ...NO_COOL_DOWN,
    },
    when: below('term', head.term),
  }
}

/**
 * Makes a granted term effective on the head: from here on the old leader cannot commit, whatever
 * it believes and however long it sleeps. The item this write returns is the old term's final head.
 * Repeating it for the same leader changes nothing that matters, so a crash after it is harmless.
 */
export function fence(leader: NodeName, term: number, at: number): Write<Head> {
  return {
    set: { leader, term, fencedAt: at },
    when: any(below('term', term), all(equals('term', term), equals('leader', leader))),
  }
}
