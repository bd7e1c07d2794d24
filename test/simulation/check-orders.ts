import type { Head, Lease } from '../../lib/protocol/records.ts'
import type { Invariant } from './journal.ts'

/** Writes that are an operator's order, or the end of one. */
const ORDERS: ReadonlySet<string> = new Set(['set-mode', 'quarantine', 'ask-switchover', 'drop-switchover'])

/** What is wrong with the bookkeeping of an applied write on the lease: what is counted, named and withdrawn with it. */
export function checkOrders(
  operation: string,
  before: Lease | undefined,
  after: Lease | undefined,
  head: Head | undefined,
): { readonly invariant: Invariant; readonly message: string } | undefined {
  if (before === undefined || after === undefined) return undefined
  const wrong = (message: string) => ({ invariant: 'operator', message }) as const
  if (ORDERS.has(operation) && after.orders <= before.orders) return wrong(`${operation} does not count as an order`)
  if (operation === 'set-mode' && after.mode !== 'auto' && after.switchover)
    return wrong(`a switchover waits on although the mode is ${after.mode} since`)
  if (operation === 'follow-head' && head?.term === after.term && head.leader !== after.leader)
    return wrong(`the lease follows the head and names ${after.leader}, the head ${head.leader}`)
  const { by, code } = after.cause
  if (operation === 'grant' && by === 'baton' && code !== 'bootstrap' && !after.grants.includes(after.grantedAt))
    return wrong('a move of its own is not counted')
  return undefined
}
