import type { Lease } from '../../lib/protocol/records.ts'
import type { Journal } from './journal.ts'

/** Notes which interesting state a grant led to. */
export function reachGrant(journal: Journal, before: Lease | undefined, after: Lease | undefined): void {
  if (before === undefined || after === undefined) return
  if (after.cause.code === 'rolled-back') journal.reach('switchover rolled back')
  if (after.cause.code === 'switchover') journal.reach('switchover granted')
  if (after.cause.code === 'switchover' && (before.switchover?.notBefore ?? 0) > 0)
    journal.reach('scheduled switchover granted')
  if (after.cause.code === 'stalled') journal.reach('stalled leader replaced after its lease')
  if (after.tried.length > 1) journal.reach('third candidate granted in one round')
  if (after.cause.code === 'start-failed') journal.reach('start refused, then the next candidate')
  if (before.mode === 'auto' && after.previousLeader !== '' && after.cause.by === 'baton') journal.reach('failover')
}
