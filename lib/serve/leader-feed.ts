import type { Clock } from '../context/ports.ts'
import type { Head } from '../protocol/records.ts'
import type { HeadStore, LeaseStore } from '../store/stores.ts'

/** Who may publish the next block, as the head has it. */
export type Leader = {
  readonly chain: string
  /** `null`: no node may. */
  readonly leader: string | null
  readonly term: number
  /** Since when (Unix ms): the fence of its term. */
  readonly since: number
  /** The newest committed block when the head was read, at most a second ago. */
  readonly number: string
  readonly hash: string
}

/** Tells who leads, and each change of it. */
export type LeaderFeed = {
  /** The leader now, by strongly consistent reads. `undefined` = the chain has no head. Throws as the store does. */
  current(): Promise<Leader | undefined>
  /** Calls back with the leader and then with each change; returns how to stop that. */
  subscribe(changed: (leader: Leader) => void): () => void
  /** The head store to work with: it reports its writes that move the leader at once. */
  readonly heads: HeadStore
}

/** How often the lease is read while there are listeners (ms). A grant is on it before its fence is on the head. */
const LEASE_MS = 50
/** Until the fence of a new term is seen, the head is read as often; after this (ms) no longer. */
const FENCE_MS = 1_000
/** How long a read of the head is good without a sign on the lease (ms): an operator may place the head first. */
const HEAD_MS = 1_000
/** Requests closer together than this share one read (ms). */
const SHARED_MS = 50

type Parts = {
  readonly chain: string
  readonly heads: HeadStore
  readonly leases: Pick<LeaseStore, 'read'>
  readonly clock: Clock
}

/**
 * Follows the leader of a chain. Reads nothing without a listener. A read of the lease costs a tenth or less of a read
 * of the head, which DynamoDB bills with its payload. While the store does not answer, it reports nothing: no fence is
 * possible then, so the leader stays.
 */
export function leaderFeed({ chain, heads, leases, clock }: Parts): LeaderFeed {
  const listeners = new Set<(leader: Leader) => void>()
  let known: Leader | undefined
  let shared: { readonly at: number; readonly read: Promise<Leader | undefined> } | undefined
  let stop: AbortController | undefined

  let readAt = Number.NEGATIVE_INFINITY
  const isOld = () => clock.monotonic() - readAt >= HEAD_MS
  // A gate may lack the right to read the lease. Then the head is read when it is old.
  const readLease = () => leases.read(chain).catch(() => undefined)

  // A read that began before a newer report may show an older head.
  let begun = 0
  let knownAt = 0
  const read = async () => {
    begun += 1
    const at = begun
    readAt = clock.monotonic()
    return update(await heads.read(chain), at)
  }
  const readNow = async () => {
    const lease = await readLease()
    return known && lease && lease.term <= known.term && !isOld() ? known : read()
  }
  const update = (head: Head | undefined, at: number): Leader | undefined => {
    if (!head) return undefined
    if (at < knownAt) return known
    knownAt = at
    const leader = leaderOf(chain, head)
    const changed = known?.leader !== leader.leader || known.term !== leader.term
    known = leader
    if (changed) for (const listener of listeners) listener(leader)
    return leader
  }
  const follow = async (signal: AbortSignal) => {
    let term = known?.term
    let termAt = Number.NEGATIVE_INFINITY
    while (!signal.aborted) {
      try {
        const lease = await readLease()
        const now = clock.monotonic()
        if (lease && lease.term !== term) {
          term = lease.term
          termAt = now
        }
        const fencing = lease !== undefined && lease.term > (known?.term ?? -1) && now - termAt < FENCE_MS
        if (fencing || isOld()) await read()
      } catch {
        // The next round asks again; the gate and the monitor report a store that does not answer.
      }
      await clock.sleep(LEASE_MS, signal)
    }
  }
  return {
    heads: {
      ...heads,
      async write(key, write) {
        const written = await heads.write(key, write)
        if (key === chain && written.applied) {
          begun += 1
          update(written.item, begun)
        }
        return written
      },
    },
    current() {
      const now = clock.monotonic()
      if (!shared || now - shared.at >= SHARED_MS) shared = { at: now, read: readNow() }
      return shared.read
    },
    subscribe(changed) {
      listeners.add(changed)
      if (known) changed(known)
      if (!stop) {
        stop = new AbortController()
        void follow(stop.signal)
      }
      return () => {
        listeners.delete(changed)
        if (listeners.size > 0) return
        stop?.abort()
        stop = undefined
        // Nothing is read from here on: the next listener must not get what may be old.
        known = undefined
      }
    },
  }
}

function leaderOf(chain: string, { leader, term, fencedAt, number, hash }: Head): Leader {
  return { chain, leader: leader === '' ? null : leader, term, since: fencedAt, number: String(number), hash }
}
