import type { Block, BlockId, Hash } from '../../lib/protocol/block.ts'
import type { Head, Lease, NodeName } from '../../lib/protocol/records.ts'
import { seedHead, seedLease } from '../../lib/protocol/seed.ts'
import { applied } from '../../lib/protocol/write.ts'

/** How far an exploration goes. */
export type Bounds = {
  /** Nodes, each of which may do anything under its own name. */
  readonly nodes: number
  /** The highest block above the seeded one. */
  readonly height: number
  /** The highest term. */
  readonly term: number
  /** Operators' writes that apply. */
  readonly orders: number
  /** Renewals that apply. */
  readonly renewals: number
}

/** A block somebody has named: enough to build on. */
export type Known = BlockId & { readonly parentHash: Hash }

/** The lease as a monitor or an operator read it, and what had happened until then. */
export type PastLease = {
  /** All of it as a text. */
  readonly key: string
  readonly lease: Lease
  readonly orders: number
  readonly renewals: number
  readonly grants: number
}

/**
 * Everything the future depends on. Beside the two records it has what really happened, counted without looking at
 * the fields the conditions compare: an invariant must not rest on what it judges.
 */
export type World = {
  readonly head: Head | undefined
  readonly lease: Lease | undefined
  /** The acknowledged chain: by number, the hash. A recorded backward move takes the blocks above it away. */
  readonly acknowledged: readonly Hash[]
  readonly blocks: readonly Known[]
  /** Who committed under each term, and to whom the lease gave it. */
  readonly committed: Readonly<Record<number, NodeName>>
  readonly granted: Readonly<Record<number, NodeName>>
  readonly orders: number
  readonly renewals: number
  readonly grants: number
  /** Terms up to this one were closed: no grant from before may make a node commit again. */
  readonly closed: number
  /** Records that were read before. Whoever read one may write by it at any later time. */
  readonly leases: readonly PastLease[]
  readonly heads: readonly Head[]
}

const NAMES: readonly NodeName[] = ['a', 'b', 'c', 'd', 'e']

/**
 * The nodes that may move next: those that did anything so far, and one that did not. The others that did nothing are
 * like that one, so that worlds which differ in names alone are looked at once.
 */
export function nodesOf({ granted, committed, blocks }: World, { nodes }: Bounds): readonly NodeName[] {
  let used = 0
  const use = (name: NodeName) => {
    used = Math.max(used, NAMES.indexOf(name) + 1)
  }
  Object.values(granted).forEach(use)
  Object.values(committed).forEach(use)
  for (const { hash } of blocks) for (const letter of hash) use(letter)
  return NAMES.slice(0, Math.min(nodes, used + 1))
}

/** A hash that tells what it is made of, so that a trace can be read. */
export const hashOf = (text: string): Hash => `0x${text}`

export const GENESIS: Block = { number: 0n, hash: hashOf('G'), parentHash: hashOf('-'), timestamp: 0n }

/** The first moment of a chain: a head that no node holds, and its lease. */
export function firstWorld(): World {
  const head = applied(seedHead(GENESIS, 0, 1), undefined)
  const lease = applied(seedLease('', 0, { kind: 'baton', name: 'baton' }, 1), undefined)
  if (!head || !lease) throw new Error('the records could not be seeded')
  const { number, hash, parentHash } = GENESIS
  return {
    head: { ...head, chain: 'x', payloadRef: hash },
    lease: { ...lease, chain: 'x' },
    acknowledged: [hash],
    blocks: [{ number, hash, parentHash }],
    committed: {},
    granted: {},
    orders: 0,
    renewals: 0,
    grants: 0,
    closed: 0,
    leases: [],
    heads: [],
  }
}

const headKeys = new WeakMap<Head, string>()
const leaseKeys = new WeakMap<Lease, string>()

/** A head as a text, kept: most worlds share their records with those before. */
export function keyOfHead(head: Head | undefined): string {
  if (!head) return '-'
  let key = headKeys.get(head)
  if (key === undefined) {
    const { number, hash, parentHash, holder, term, committedTerm, payloadRef } = head
    key = `${number}${hash}<${parentHash}|${holder}|${term}.${committedTerm}|${payloadRef}`
    headKeys.set(head, key)
  }
  return key
}

/** Fields that no condition and no invariant looks at (mode, tried, quarantine, cool-down) make no other state. */
export function keyOfLease(lease: Lease | undefined): string {
  if (!lease) return '-'
  let key = leaseKeys.get(lease)
  if (key === undefined) {
    const { holder, term, orders, renewedAt, expiresAt, switchover } = lease
    key = `${holder}|${term}|${orders}|${renewedAt}|${expiresAt}|${switchover?.id ?? ''}`
    leaseKeys.set(lease, key)
  }
  return key
}

/** A world as a text: two worlds with the same one have the same futures. */
export function encode(world: World): string {
  const { head, lease, acknowledged, blocks, committed, granted, orders, renewals, grants, closed } = world
  let text = `${keyOfHead(head)};${keyOfLease(lease)};${acknowledged.join()};${orders}.${renewals}.${grants}.${closed};`
  for (const { hash } of blocks) text += hash
  text += ';'
  for (const term in committed) text += term + committed[term]
  text += ';'
  for (const term in granted) text += term + granted[term]
  for (const { key } of world.leases) text += `;${key}`
  for (const past of world.heads) text += `;${keyOfHead(past)}`
  return text
}

/** Remembers the present records as read. `every`: also those from which no write of the real code could apply. */
export function withRead(world: World, every: boolean): World {
  const { head, lease, orders, renewals, grants } = world
  // A write on the lease names its term, one on the head its term and block: older ones cannot apply.
  const lowest = Math.min(lease?.term ?? 0, (head?.term ?? 0) - 1)
  const leases = every ? world.leases : world.leases.filter((past) => past.lease.term === lease?.term)
  const heads = every ? world.heads : world.heads.filter(({ term }) => term >= lowest)
  const key = `${keyOfLease(lease)}:${orders}.${renewals}.${grants}`
  return {
    ...world,
    leases: lease ? insert(leases, { lease, orders, renewals, grants, key }, ({ key }) => key) : leases,
    heads: head ? insert(heads, head, keyOfHead) : heads,
  }
}

/** Adds to a sorted list what it does not have yet. */
function insert<T>(list: readonly T[], item: T, keyOf: (item: T) => string): readonly T[] {
  const key = keyOf(item)
  const at = list.findIndex((each) => keyOf(each) >= key)
  const there = list[at]
  if (there === undefined) return [...list, item]
  return keyOf(there) === key ? list : list.toSpliced(at, 0, item)
}
