import { overriddenNode } from '../../lib/protocol/quarantine.ts'
import type { Lease } from '../../lib/protocol/records.ts'
import { textOf } from './intern.ts'
import type { Pending } from './pending.ts'

type OnLease = Extract<Pending, { table: 'leases' }>

/** What is wrong with an applied write on the lease; `undefined` = nothing. */
export function leaseRules(before: Lease | undefined, after: Lease, sent: OnLease): string | undefined {
  if (before === undefined)
    return sent.kind === 'seed-lease' ? undefined : `a ${sent.kind} was applied to a chain without a lease`
  if (sent.kind === 'seed-lease') return 'a lease was seeded over a lease'
  if (after.term < before.term) return `the term of the lease fell from ${before.term} to ${after.term}`
  if (after.orders < before.orders) return `the count of orders fell from ${before.orders} to ${after.orders}`
  if (after.leader !== before.leader && after.term === before.term)
    return `term ${after.term} was granted to ${before.leader || 'no node'} and is ${after.leader || 'no node'}'s now`
  if (sent.kind === 'grant' && after.term !== before.term + 1)
    return `term ${after.term} was granted after ${before.term}`
  return ofOrders(before, after, sent.kind) ?? ofSeen(before, after, sent)
}

const ORDERS = ['mode', 'quarantine', 'mode-and-quarantine', 'ask-switchover', 'drop-switchover']

/** Each order counts, so that what was decided before it can be recognised. */
function ofOrders(before: Lease, after: Lease, kind: Pending['kind']): string | undefined {
  if (ORDERS.includes(kind) && after.orders <= before.orders) return `a ${kind} did not count as an order`
  const published = overriddenNode(before.quarantine)?.node
  if (published && (kind === 'grant' || kind === 'ask-switchover'))
    return `a ${kind} was applied while ${published} publishes without commits`
  if (kind.startsWith('mode') && after.mode !== 'auto' && after.switchover)
    return `a switchover waits on, although ${after.mode} was ordered after it`
  return undefined
}

/** A write that was decided on another lease than it meets must not do what was right there. */
function ofSeen(before: Lease, after: Lease, { kind, seen, waits, write }: OnLease): string | undefined {
  if (!seen) return undefined
  if (seen.orders < before.orders && orderOf(before) !== orderOf(after))
    return `a ${kind} decided before order ${before.orders} undid what was ordered`
  if (seen.orders < before.orders && (kind === 'grant' || kind === 'cool-down'))
    return `a ${kind} decided before order ${before.orders} was applied after it`
  if (kind === 'ask-switchover' && before.switchover) return 'a switchover that was pending was replaced by another'
  if (seen.term !== before.term && kind !== 'follow-head')
    return `a ${kind} decided in term ${seen.term} was applied in term ${before.term}`
  if (seen.renewedAt !== undefined && before.renewedAt > seen.renewedAt && kind !== 'renew')
    return `a ${kind} was applied to a lease that was renewed after it was decided`
  if (waits && (write.set.grantedAt ?? 0) <= before.expiresAt)
    return 'a grant that waits for the end of the lease was applied while it ran'
  if (after.term === before.term && after.renewedAt < before.renewedAt)
    return 'a renewal took back what a later one had given'
  return undefined
}

/** What people ordered, as it stands on the lease. */
const orderOf = ({ mode, quarantine, switchover }: Lease) => textOf({ mode, quarantine, switchover })
