import type { Hash } from './block.ts'
import { unchanged } from './control.ts'
import type { Cause } from './reason.ts'
import type { Head, Lease, NodeName } from './records.ts'
import { all, any, below, equals, type Write } from './write.ts'

const HOUR_MS = 3_600_000

/**
 * Times of Baton's automatic moves within the last hour (Unix ms). The budget counts them. One further ahead than an
 * hour was written by a clock that was ahead, and would count for as long as that clock was.
 */
export const recentGrants = ({ grants }: Lease, now: number): number[] =>
  grants.filter((at) => at > now - HOUR_MS && at <= now + HOUR_MS)

/**
 * A grant, a commit or a move of the head ends the cool-down after a round in which every candidate failed: failures on
 * another head say nothing about this one. Left on the lease, it would delay the next failover, and one written by a
 * clock far ahead would bind later.
 */
const NO_COOL_DOWN = { cooldownUntil: 0 } as const

/** A grant: to which node, why, and whether it waits for the running lease. */
export type Grant = {
  readonly to: NodeName
  readonly cause: Cause
  /** `true`: the cause (dead leader, operator) allows a grant before the lease expires. */
  readonly overLease: boolean
  /** Counted against the budget of automatic moves. */
  readonly automatic: boolean
  /** The round of candidates continues: add the leader to those tried. */
  readonly sameRound: boolean
  readonly leaseMs: number
}

/**
 * Grants the next term. Two monitors that decide at once write the same term, and one wins.
 * The same write consumes a switchover request that is due or names the grantee. A later one for another node stays.
 * An operator's act in between (a pause, a quarantine, a request) makes the grant start over.
 */
export function grant(
  lease: Lease,
  { to, cause, overLease, automatic, sameRound, leaseMs }: Grant,
  now: number,
): Write<Lease> {
  const orders = unchanged(lease)
  // A leader renewed since then commits again: the decision against it no longer holds.
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

/** Whether a grant to this node leaves a scheduled switchover in place. */
export const isForLater = ({ switchover }: Lease, to: NodeName, now: number): boolean =>
  switchover !== undefined && switchover.notBefore > now && switchover.to !== to

/**
 * Renews the lease of a committing leader, and records when commits were first seen, and the chain's genesis if it is
 * proved: the leader commits on the head of these records, so it is theirs.
 */
export function renew(lease: Lease, leaseMs: number, now: number, genesis?: Hash): Write<Lease> {
  return {
    set: {
      renewedAt: now,
      expiresAt: now + leaseMs,
      tried: [],
      armedAt: lease.armedAt || now,
      ...(genesis && !lease.genesis && { genesis }),
      ...NO_COOL_DOWN,
    },
    when: all(equals('term', lease.term), equals('leader', lease.leader), equals('renewedAt', lease.renewedAt)),
  }
}

/** Brings the lease up to a head fenced at a higher term. The head is right; every candidate may be tried again. */
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
 * Makes a granted term effective on the head. From here on the old leader cannot commit, whatever it believes and
 * however long it sleeps. The item this write returns is the old term's final head.
 * Repeating it for the same leader is harmless, and so is a crash after it.
 */
export function fence(leader: NodeName, term: number, at: number): Write<Head> {
  return {
    set: { leader, term, fencedAt: at },
    when: any(below('term', term), all(equals('term', term), equals('leader', leader))),
  }
}
