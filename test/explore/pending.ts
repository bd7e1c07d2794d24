import type { Head, Lease } from '../../lib/protocol/records.ts'
import type { Condition, Write } from '../../lib/protocol/write.ts'

/** What the head looked like to the process that decided a write on it. */
type SeenHead = Pick<Head, 'number' | 'hash' | 'term'>
/** What the lease looked like. `renewedAt` where Baton itself decides: a lease renewed since is another. */
type SeenLease = Pick<Lease, 'term' | 'orders'> & { readonly renewedAt?: number }

/**
 * A write that was decided and is on its way: it may arrive at any time, as often as the network
 * likes, or never. `waits`: its reason does not allow it to be applied while the lease runs.
 */
export type Pending = {
  /** Who sends it, for traces. */
  readonly by: string
  readonly kind: Kind
} & (
  | { readonly table: 'heads'; readonly write: Write<Head>; readonly seen?: SeenHead }
  | { readonly table: 'leases'; readonly write: Write<Lease>; readonly seen?: SeenLease; readonly waits?: boolean }
)

type HeadKind = 'commit' | 'seed-head' | 'move' | 'close' | 'fence'
type LeaseKind =
  | 'seed-lease'
  | 'grant'
  | 'follow-head'
  | 'renew'
  | 'cool-down'
  | 'ask-switchover'
  | 'drop-switchover'
  | 'mode'
  | 'quarantine'
  | 'mode-and-quarantine'
export type Kind = HeadKind | LeaseKind

const names = (condition: Condition, field: string): boolean =>
  'of' in condition ? condition.of.some((one) => names(one, field)) : condition.field === field

/** What a write on the head does, by what it sets and asks. */
export function headKind({ set, copy, when }: Write<Head>): HeadKind {
  if (copy?.committedTerm) return 'commit'
  if ('revertedFrom' in set) return 'move'
  if ('hash' in set) return 'seed-head'
  return names(when, 'hash') ? 'close' : 'fence'
}

/** What a write on the lease does. */
export function leaseKind({ set }: Write<Lease>): LeaseKind {
  if ('armedAt' in set && 'mode' in set) return 'seed-lease'
  if ('cause' in set) return 'grant'
  if ('leader' in set) return 'follow-head'
  if ('renewedAt' in set) return 'renew'
  if (!('orders' in set)) return 'cool-down'
  if ('mode' in set) return 'quarantine' in set ? 'mode-and-quarantine' : 'mode'
  if ('quarantine' in set) return 'quarantine'
  return 'switchover' in set ? 'ask-switchover' : 'drop-switchover'
}
