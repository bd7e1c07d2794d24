import type { Block } from './block.ts'
import type { Actor, Head, Lease, Switchover } from './records.ts'
import { absent, type Write } from './write.ts'

/**
 * The first head of a chain: a block the nodes already have, held by nobody. Only if there is none.
 *
 * @param payload its envelope (JSON, zstd), so that it outlives the nodes; absent = nobody could give it.
 */
export function seedHead(block: Block, term: number, at: number, payload?: Uint8Array): Write<Head> {
  return {
    set: { ...block, leader: '', term, committedTerm: 0, committedAt: at, fencedAt: at, ...(payload && { payload }) },
    when: absent('term'),
  }
}

/**
 * The first lease of a chain, observing until commits flow. Only if there is none. A switchover
 * given here decides who is granted first.
 */
export function seedLease(leader: string, term: number, by: Actor, at: number, first?: Switchover): Write<Lease> {
  return {
    set: {
      leader,
      term,
      cause: { code: 'bootstrap', by: by.name },
      previousLeader: '',
      grantedAt: at,
      renewedAt: at,
      expiresAt: at,
      mode: 'auto',
      modeBy: by.name,
      modeAt: at,
      armedAt: 0,
      tried: [],
      grants: [],
      cooldownUntil: 0,
      quarantine: {},
      orders: 0,
      ...(first && { switchover: first }),
    },
    when: absent('term'),
  }
}
