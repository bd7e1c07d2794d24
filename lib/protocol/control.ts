import type { Lease, Mode, NodeName, Quarantine, Switchover } from './records.ts'
import { absent, all, equals, type Write } from './write.ts'

/** What operators write on the lease. Each write leaves holder and term alone. */

/** Sets the mode; it stays until somebody sets another, whatever restarts in between. */
export function setMode(lease: Lease, mode: Mode, by: string, at: number): Write<Lease> {
  return { set: { mode, modeBy: by, modeAt: at }, when: equals('term', lease.term) }
}

/** Asks for a switchover; the monitor carries it out or refuses it with a reason. */
export function requestSwitchover(lease: Lease, switchover: Switchover): Write<Lease> {
  return { set: { switchover }, when: all(equals('term', lease.term), absent('switchover')) }
}

/** Withdraws the pending switchover. */
export function dropSwitchover(lease: Lease): Write<Lease> {
  return { set: {}, remove: ['switchover'], when: equals('term', lease.term) }
}

/** Starts the cool-down after which a new round of candidates may begin. */
export function coolDown(lease: Lease, until: number): Write<Lease> {
  return { set: { cooldownUntil: until, tried: [] }, when: equals('term', lease.term) }
}

/** Takes a node out of eligibility, or (without `entry`) puts it back. */
export function quarantine(lease: Lease, node: NodeName, entry: Quarantine | undefined): Write<Lease> {
  const { [node]: _, ...others } = lease.quarantine
  return { set: { quarantine: entry ? { ...others, [node]: entry } : others }, when: equals('term', lease.term) }
}
