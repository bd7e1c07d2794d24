import type { Head, Lease } from '../../lib/protocol/records.ts'
import type { Write } from '../../lib/protocol/write.ts'

/** What a write on the head does, by the fields it sets. */
export function headOperation({ set }: Write<Head>): 'seed' | 'fence' | 'commit' | 'move' {
  if ('moved' in set) return 'move'
  if ('hash' in set) return 'leader' in set ? 'seed' : 'commit'
  return 'fence'
}

/** What a write on the lease does, by the fields it sets. */
export function leaseOperation({ set, remove }: Write<Lease>): string {
  if ('armedAt' in set && 'mode' in set) return 'seed-lease'
  if ('cause' in set) return 'grant'
  if ('leader' in set) return 'follow-head'
  if ('renewedAt' in set) return 'renew'
  if ('cooldownUntil' in set) return 'cool-down'
  if ('mode' in set) return 'set-mode'
  if ('quarantine' in set) return 'quarantine'
  if ('switchover' in set) return 'ask-switchover'
  return remove?.includes('switchover') ? 'drop-switchover' : 'other'
}
