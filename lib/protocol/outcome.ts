import type { BlockId } from './block.ts'
import type { Reason } from './reason.ts'
import type { Head, Lease, NodeName } from './records.ts'

/** A requested switchover, as its requester remembers it. */
export type AskedSwitchover = {
  readonly id: string
  /** The term at the request. */
  readonly term: number
  /** The target; absent = the best standby. */
  readonly to?: NodeName
  /** The leader at the request. */
  readonly from?: NodeName
}

/**
 * The outcome of a switchover.
 *
 * - `pending`: it waits, or the term it led to has no block yet.
 * - `moved`: a commit proves that sequencing is where it was requested. Without a target any other node counts, so a
 *   failover that came first has moved it, too.
 * - `rolled-back`: the target was granted and did not commit; another node commits.
 * - `overtaken`: another move came first, to a different node.
 * - `refused`: Baton refused it; `withdrawn`: a person withdrew it. Nothing moved.
 */
export type Outcome =
  | { readonly outcome: 'pending' }
  | ({ readonly outcome: 'moved' | 'rolled-back' | 'overtaken' } & Led)
  | { readonly outcome: 'refused'; readonly why?: Reason }
  | { readonly outcome: 'withdrawn'; readonly by: string }

/** The leader afterwards, its term, and the newest block it committed. */
type Led = { readonly leader: NodeName; readonly term: number; readonly block: BlockId }

/**
 * Judges a switchover by its id, the term and the cause, for every requester. Valid until a later switchover has
 * ended.
 */
export function outcomeOf(asked: AskedSwitchover, lease: Lease | undefined, head: Head | undefined): Outcome {
  if (!lease || lease.switchover?.id === asked.id) return { outcome: 'pending' }
  const dropped = lease.droppedSwitchover
  if (dropped?.id === asked.id) {
    if (dropped.outcome === 'withdrawn') return { outcome: 'withdrawn', by: dropped.by }
    return { outcome: 'refused', ...(dropped.why && { why: dropped.why }) }
  }
  // Version 0.1 dropped it without a record on the lease.
  if (lease.term === asked.term) return { outcome: 'refused' }
  if (!head || head.term !== lease.term || !leadsByCommit(head)) return { outcome: 'pending' }
  const { leader, term, number, hash } = head
  return { outcome: cameOf(asked, lease, leader), leader, term, block: { number, hash } }
}

/** Whether the newest block was committed in the present term: a leader that was only granted has proved nothing. */
export const leadsByCommit = ({ leader, term, committedTerm }: Head): boolean => leader !== '' && committedTerm === term

function cameOf({ id, to, from }: AskedSwitchover, lease: Lease, leader: NodeName) {
  const { cause } = lease
  const own = cause.id === id
  if (own && cause.code === 'switchover') return 'moved'
  if (to === undefined ? hasLeft(lease, from, leader) : leader === to) return 'moved'
  // The roll-back names the switchover, except in version 0.1.
  return own || (cause.code === 'rolled-back' && cause.id === undefined) ? 'rolled-back' : 'overtaken'
}

/** Whether the leader differs from the one at the request. */
function hasLeft({ cause, previousLeader }: Lease, from: NodeName | undefined, leader: NodeName): boolean {
  return from === undefined ? cause.code !== 'rolled-back' && leader !== previousLeader : leader !== from
}
