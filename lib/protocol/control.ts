import type { DroppedSwitchover, Lease, Mode, NodeName, Quarantine, Switchover } from './records.ts'
import { absent, all, type Condition, equals, type Write } from './write.ts'

/**
 * The condition for operators' writes on the lease. Each write leaves leader and term alone, counts as one more order,
 * and applies only to the lease it was made for: neither two operators nor a late repetition undo each other's acts.
 */
export const unchanged = ({ term, orders }: Pick<Lease, 'term' | 'orders'>): Condition =>
  all(equals('term', term), equals('orders', orders))

/** Whether an order to set this mode withdraws the pending switchover: the later order wins over the earlier one. */
export const withdrawsSwitchover: Readonly<Record<Mode, boolean>> = { paused: true, hold: true, auto: false }

/**
 * Sets the mode. It survives restarts and stays until an operator sets another. The same write withdraws the pending
 * switchover if the mode requires it ({@link withdrawsSwitchover}).
 */
export function setMode(lease: Lease, mode: Mode, by: string, at: number): Write<Lease> {
  const orders = lease.orders + 1
  const withdraws = withdrawsSwitchover[mode]
  return {
    set: {
      ...{ mode, modeBy: by, modeAt: at, modeOrder: orders, orders },
      ...(withdraws && dropped(lease, { outcome: 'withdrawn', by })),
    },
    ...(withdraws && { remove: ['switchover' as const] }),
    when: unchanged(lease),
  }
}

/** Requests a switchover; the monitor carries it out or refuses it with a reason. */
export function requestSwitchover(lease: Lease, switchover: Switchover): Write<Lease> {
  const orders = lease.orders + 1
  return {
    set: { switchover: { ...switchover, order: orders }, orders },
    when: all(unchanged(lease), absent('switchover')),
  }
}

/** How a switchover is dropped: refused by Baton, or withdrawn by a person. */
export type Drop = Omit<DroppedSwitchover, 'id'>

/** Withdraws or refuses the pending switchover; a grant decided for it earlier no longer applies. */
export function dropSwitchover(lease: Lease, how: Drop): Write<Lease> {
  return {
    set: { orders: lease.orders + 1, ...dropped(lease, how) },
    remove: ['switchover'],
    when: unchanged(lease),
  }
}

/** The outcome the requester finds afterwards. */
const dropped = ({ switchover }: Lease, how: Drop) => switchover && { droppedSwitchover: { id: switchover.id, ...how } }

/** Starts the cool-down after which a new round of candidates may begin, unless the lease has changed since. */
export function coolDown(lease: Lease, until: number): Write<Lease> {
  return {
    set: { cooldownUntil: until, tried: [] },
    when: all(unchanged(lease), equals('renewedAt', lease.renewedAt)),
  }
}

/** Quarantines a node, or (without `entry`) re-enables it. */
export function quarantine(lease: Lease, node: NodeName, entry: Quarantine | undefined): Write<Lease> {
  const { [node]: _, ...others } = lease.quarantine
  const entries = entry ? { ...others, [node]: entry } : others
  return { set: { quarantine: entries, orders: lease.orders + 1 }, when: unchanged(lease) }
}
