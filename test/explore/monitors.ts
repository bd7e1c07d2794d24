import { seedHead, seedLease } from '../../lib/protocol/bootstrap.ts'
import { coolDown, dropSwitchover } from '../../lib/protocol/control.ts'
import { moveHead } from '../../lib/protocol/follow-l1.ts'
import { fence, followHead, type Grant, grant, renew } from '../../lib/protocol/grant.ts'
import { overriddenNode } from '../../lib/protocol/quarantine.ts'
import { reason } from '../../lib/protocol/reason.ts'
import type { Head, Lease } from '../../lib/protocol/records.ts'
import { blocksAt, GENESIS } from './blocks.ts'
import { headKind, leaseKind, type Pending } from './pending.ts'
import { NODES, type Scope } from './scope.ts'

const BATON = { kind: 'baton', name: 'baton' } as const
export const LEASE_MS = 10
/** When a switchover asked for "later" is due: after everything that is not decided for it. */
export const LATER = 1_000
const by = 'a monitor'
const WHY = reason('follow-l1')

/** Every write on the head some monitor may decide that saw no head at all. */
export function withoutHead(scope: Scope): Pending[] {
  const seeds = [GENESIS, ...(scope.height > 0 ? blocksAt(1).slice(0, 1) : [])]
  return seeds.map((block) => ({ by, table: 'heads', kind: 'seed-head', write: seedHead(block, 0, 0, undefined) }))
}

/**
 * Every write some monitor may decide that saw this head: whatever it believes of L1 and the nodes, at any later time.
 * Head and lease are read one after the other, so that each is a view of its own.
 */
export function fromHead(head: Head, scope: Scope): Pending[] {
  const { leader, term, number, hash } = head
  const anyLease = seedLease('', 0, BATON, 0).set as Lease
  const seeds = [seedLease('', 0, BATON, 0), seedLease(leader, term, BATON, 0)]
  const moves = Array.from({ length: scope.height + 1 }, (_, n) => (n === 0 ? [GENESIS] : blocksAt(n)))
    .flat()
    .filter((to) => to.hash !== hash || to.number !== number)
    .map((to): Pending => {
      const write = moveHead(head, to, 0, BATON, WHY)
      return { by, table: 'heads', kind: headKind(write), write, seen: { number, hash, term } }
    })
  const follow = followHead(anyLease, head, 0)
  return [
    ...(scope.l1 ? moves : []),
    ...seeds.map((write): Pending => ({ by, table: 'leases', kind: 'seed-lease', write })),
    { by, table: 'leases', kind: leaseKind(follow), write: follow },
  ]
}

/** Every write some monitor may decide that saw this lease. It obeys what it reads there, and else does anything. */
export function fromLease(lease: Lease, scope: Scope): Pending[] {
  const { term, orders, leader, renewedAt, expiresAt, switchover, mode } = lease
  const seen = { term, orders }
  const nodes = NODES.slice(0, scope.nodes)
  const give = (to: string, terms: Pick<Grant, 'overLease' | 'automatic' | 'cause'>, now: number): Pending => {
    const write = grant(lease, { to, ...terms, sameRound: false, leaseMs: LEASE_MS }, now)
    return {
      by,
      table: 'leases',
      kind: leaseKind(write),
      write,
      seen: terms.automatic ? { ...seen, renewedAt } : seen,
      waits: !terms.overLease,
    }
  }
  const overridden = overriddenNode(lease.quarantine) !== undefined
  const automatic = mode === 'auto' && !overridden ? nodes.filter((name) => !lease.quarantine[name]) : []
  const failed = { code: 'stalled', by: 'baton' } as const
  const asked = { code: 'switchover', by: 'someone' } as const
  const targets = switchover && !overridden ? (switchover.to === undefined ? nodes : [switchover.to]) : []
  const due = Math.max(expiresAt, switchover?.notBefore ?? 0) + 1
  const house = [
    ...(renewedAt < scope.renewals * LEASE_MS ? [renew(lease, LEASE_MS, renewedAt + LEASE_MS)] : []),
    ...(scope.renewals > 0 ? [coolDown(lease, 1)] : []),
    ...(switchover ? [dropSwitchover(lease, { outcome: 'refused', by: 'baton' })] : []),
  ]
  const fenced = fence(leader, term, 0)
  return [
    { by, table: 'heads', kind: headKind(fenced), write: fenced },
    ...automatic.flatMap((to) => [
      give(to, { overLease: true, automatic: true, cause: failed }, expiresAt),
      give(to, { overLease: false, automatic: true, cause: failed }, expiresAt),
      give(to, { overLease: false, automatic: true, cause: failed }, expiresAt + 1),
    ]),
    ...targets.map((to) => give(to, { overLease: true, automatic: false, cause: asked }, due)),
    ...house.map(
      (write): Pending => ({ by, table: 'leases', kind: leaseKind(write), write, seen: { ...seen, renewedAt } }),
    ),
  ]
}
