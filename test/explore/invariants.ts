import type { Head, Lease } from '../../lib/protocol/records.ts'
import type { Move } from './moves.ts'
import type { World } from './world.ts'

/** What a write broke, as a sentence; `undefined` = nothing. */
export type Violation = string | undefined

/** Judges a write on the head that has applied, by what really happened before. */
export function judgeHeadWrite(
  world: World,
  { kind, block, node, from }: Extract<Move, { on: 'head' }>,
  now: Head,
): Violation {
  const { head: old, acknowledged, committed, granted, closed } = world
  if (!old) return undefined
  if (now.term < old.term) return `the term fell from ${old.term} to ${now.term}`
  if (kind === 'seedHead') return 'a head that was there was seeded over'
  if (now.holder !== old.holder && now.term === old.term)
    return `term ${now.term} changed hands from ${old.holder || 'no node'}`
  if (kind === 'commit' && block && node !== undefined) {
    if (now.payloadRef !== now.hash) return `the head ${now.hash} has the payload ${now.payloadRef}`
    if (block.parentHash !== old.hash) return `block ${block.hash} is no child of the head ${old.hash}`
    if (block.number !== old.number + 1n)
      return `block ${block.hash} has the number ${block.number} above ${old.number}`
    const there = acknowledged[Number(block.number)]
    if (there !== undefined && there !== block.hash) return `acknowledged block ${there} was replaced by ${block.hash}`
    const other = committed[now.term]
    if (other !== undefined && other !== node) return `${node} and ${other} both committed under term ${now.term}`
    if (granted[now.term] !== node) return `${node} committed under term ${now.term}, which is not its own`
    if (now.term <= closed) return `${node} committed under term ${now.term} after the head was closed at ${closed}`
    return undefined
  }
  if (kind === 'fence' && now.term <= closed && now.holder !== '')
    return `the head was closed at term ${closed}; a grant from before opened it again for ${now.holder}`
  if (kind === 'moveHead') {
    const { moved } = now
    if (moved?.from.hash !== old.hash || moved.from.number !== old.number)
      return `the head moved back from ${old.number}${old.hash}, the evidence says ${moved?.from.hash}`
    if (now.term !== old.term + 1) return `the head moved back under term ${now.term}, after ${old.term}`
  }
  if (kind === 'closeAt' && from && acknowledged.at(-1) !== from.hash)
    return `the head was closed at ${acknowledged.at(-1)} by somebody who saw ${from.hash}`
  if (kind === 'closeAt' && now.term !== old.term + 1 && now.holder !== old.holder)
    return `the head was closed under term ${now.term}, after ${old.term}`
  return undefined
}

const OPERATORS = new Set(['setMode', 'requestSwitchover', 'dropSwitchover', 'quarantine'])
const AUTOMATIC = new Set(['automatic grant', 'soft grant', 'renew', 'coolDown'])
const GRANTS = new Set(['grant', 'automatic grant', 'soft grant'])

/** Judges a write on the lease that has applied. */
export function judgeLeaseWrite(
  world: World,
  { kind, from, write }: Extract<Move, { on: 'lease' }>,
  now: Lease,
): Violation {
  const { lease: old, granted } = world
  if (kind === 'seedLease') return old && 'a lease that was there was seeded over'
  if (!old || !from) return undefined
  if (now.term < old.term) return `the lease's term fell from ${old.term} to ${now.term}`
  if (kind === 'followHead' && now.term === old.term) return `followHead changed the lease within term ${now.term}`
  if (GRANTS.has(kind)) {
    const other = granted[now.term]
    if (other !== undefined) return `term ${now.term} was granted to ${other}, and to ${now.holder}`
    if (now.term <= old.term) return `term ${now.term} was granted once more`
  }
  if (GRANTS.has(kind) || OPERATORS.has(kind) || AUTOMATIC.has(kind)) {
    const orders = world.orders - from.orders
    // That the holder commits is true whatever was ordered meanwhile.
    if (orders > 0 && kind !== 'renew') return `${kind} applied over ${orders} order(s) it did not know of`
    if (world.grants > from.grants) return `${kind} applied over a grant it did not know of`
  }
  if (AUTOMATIC.has(kind) && world.renewals > from.renewals) return `${kind} applied over a renewal it did not know of`
  if (kind === 'soft grant' && (write.set.grantedAt ?? 0) <= old.expiresAt) return 'a soft grant over a running lease'
  if (kind === 'requestSwitchover' && old.switchover)
    return `switchover ${old.switchover.id} was replaced without a word`
  return undefined
}
