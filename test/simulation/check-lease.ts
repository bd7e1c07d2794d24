import type { Lease, NodeName } from '../../lib/protocol/records.ts'
import type { Write } from '../../lib/protocol/write.ts'
import type { Invariant } from './journal.ts'
import { POLICY } from './policy.ts'

/**
 * What is wrong with an applied write on the lease, if anything; remembers what was granted to whom.
 * `done` has the orders about the mode whose operator got a confirmation.
 */
export function checkLeaseWrite(
  operation: string,
  before: Lease | undefined,
  after: Lease | undefined,
  { set }: Write<Lease>,
  granted: Map<number, NodeName>,
  done: ReadonlySet<string>,
): { readonly invariant: Invariant; readonly message: string } | undefined {
  if (after === undefined) return undefined
  if (before === undefined) {
    if (!granted.has(after.term)) granted.set(after.term, after.leader)
    return undefined
  }
  if (after.term < before.term)
    return { invariant: 2, message: `the lease's term fell from ${before.term} to ${after.term}` }
  if (operation === 'set-mode' && done.has(set.modeBy ?? ''))
    return { invariant: 'operator', message: 'an order that was done was written once more' }
  if (operation === 'quarantine' && changes(before.quarantine, after.quarantine) > 1)
    return { invariant: 'operator', message: 'one operator undid what another one ordered' }
  if (operation !== 'grant') {
    const taken = after.leader !== before.leader && after.term === before.term
    return taken
      ? { invariant: 4, message: `the lease of term ${after.term} changed hands without a grant` }
      : undefined
  }
  const first = granted.get(after.term)
  if (first !== undefined)
    return { invariant: 4, message: `term ${after.term} was granted to ${first} and to ${after.leader}` }
  granted.set(after.term, after.leader)
  if (after.term !== before.term + 1)
    return { invariant: 4, message: `term ${after.term} was granted after ${before.term}` }
  const left = before.expiresAt - (set.grantedAt ?? 0)
  if (after.cause.code === 'stalled' && left >= 0 && left <= 2 * POLICY.leaseMs)
    return { invariant: 'operator', message: 'a soft reason moved sequencing while the lease ran' }
  const automatic = after.cause.by === 'baton'
  // The one way back belongs to the order; whatever comes after it is Baton's own.
  const followsOperator = before.cause.code === 'switchover'
  if (automatic && (before.mode === 'hold' || (before.mode === 'paused' && !followsOperator)))
    return { invariant: 'operator', message: `Baton moved sequencing by itself while the mode was ${before.mode}` }
  if (automatic && before.quarantine[after.leader])
    return { invariant: 'operator', message: `${after.leader} was granted though quarantined` }
  const [overridden] = Object.entries(before.quarantine).filter(([, { kind }]) => kind === 'override')
  if (overridden)
    return {
      invariant: 'operator',
      message: `${after.leader} was granted while ${overridden[0]} publishes without commits`,
    }
  const wrong = after.cause.code === 'switchover' ? wrongSwitchover(before, set.grantedAt ?? 0) : undefined
  return wrong === undefined ? undefined : { invariant: 'operator', message: wrong }
}

/** Between a decision and its write a process may stand still, or its clock be set (ms). */
const DECIDED_MS = 20_000

/** What is wrong with a switchover that was carried out at this time by the clock of who did it. */
function wrongSwitchover({ switchover, mode, modeOrder = 0 }: Lease, at: number): string | undefined {
  if (!switchover) return 'a switchover that was not requested was carried out'
  const { notBefore, latest = Number.POSITIVE_INFINITY, order = 0 } = switchover
  if (at < notBefore - 1_000) return `a switchover was carried out ${notBefore - at} ms before its time`
  if (at > latest + DECIDED_MS) return `a switchover was carried out ${at - latest} ms after its latest time`
  return mode !== 'auto' && order < modeOrder ? `a switchover was carried out in a ${mode} ordered after it` : undefined
}

/** How many nodes' entries differ. */
function changes(before: Lease['quarantine'], after: Lease['quarantine']): number {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].filter((name) => before[name] !== after[name]).length
}
