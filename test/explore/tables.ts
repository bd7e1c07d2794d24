import type { Head, Lease } from '../../lib/protocol/records.ts'
import { applied } from '../../lib/protocol/write.ts'
import { heightsIn } from './blocks.ts'
import { conjunctsOf, isOver, without } from './conditions.ts'
import { Interned, textOf } from './intern.ts'
import type { Kind, Pending } from './pending.ts'
import { CHAIN, NODES } from './scope.ts'

/** A condition taken away from every write of a kind. */
export type Dropped = { readonly kind: Kind; readonly conjunct: string }

/** No item at all has this number in both tables. */
export const NONE = 0
/** The store refused the write. */
export const REFUSED = -1

/** Nothing a condition, a rule or a program's way rests on: forgotten, so that fewer states differ. */
const FORGOTTEN_HEAD = { committedAt: 0, fencedAt: 0 } as const
const FORGOTTEN_LEASE = {
  cause: { code: 'bootstrap', by: '' },
  previousLeader: '',
  modeBy: '',
  modeAt: 0,
  modeOrder: 0,
  armedAt: 0,
  tried: [],
  grants: [],
} as const

/** More writes than records there are fit into a key of 53 bits. */
const MOST_WRITES = 2 ** 26

/** Every head, lease and write of one exploration, each by a small number, and what each write makes of each item. */
export class Tables {
  readonly heads = new Interned<Head | undefined>()
  readonly leases = new Interned<Lease | undefined>()
  readonly writes = new Interned<Pending>()
  /** Conditions of the writes seen, by kind. */
  readonly conjuncts = new Map<Kind, Set<string>>()
  readonly #dropped: Dropped | undefined
  readonly #applied = new Map<number, number>()
  readonly #over = new Map<number, boolean>()
  readonly #names: Names[] = []
  readonly #shownHeads: number[] = []
  readonly #shownLeases: number[] = []

  constructor(dropped?: Dropped) {
    this.#dropped = dropped
    this.heads.id(undefined, 'none')
    this.leases.id(undefined, 'none')
  }

  /** The number of a write, without the condition that this exploration takes away. */
  write(pending: Pending): number {
    const { kind, table, write, by, seen } = pending
    const known = this.conjuncts.get(kind) ?? new Set()
    for (const each of conjunctsOf(write.when)) known.add(each)
    this.conjuncts.set(kind, known)
    const when = this.#dropped?.kind === kind ? without(write.when, this.#dropped.conjunct) : write.when
    const who = kind === 'commit' ? by : ''
    const waits = table === 'leases' && pending.waits ? ' waits' : ''
    const text = `${table} ${kind}${waits} ${who} ${textOf({ ...write, when })} ${textOf(seen)}`
    const sent = { ...pending, write: { ...write, when } } as Pending
    const id = this.writes.id(sent, text)
    this.#names[id] ??= namesOf(text)
    return id
  }

  namesIn(write: number): Names {
    return this.#names[write] ?? namesOf('')
  }

  /** The item after a write, or {@link REFUSED}. */
  apply(record: number, write: number): number {
    const key = record * MOST_WRITES + write
    const known = this.#applied.get(key)
    if (known !== undefined) return known
    const { table, write: sent } = this.writes.of(write)
    const after = table === 'heads' ? this.#onHead(record, sent) : this.#onLease(record, sent)
    this.#applied.set(key, after)
    return after
  }

  /** Whether a write can never apply again to this item or a later one. */
  isOver(record: number, write: number): boolean {
    const key = record * MOST_WRITES + write
    const known = this.#over.get(key)
    if (known !== undefined) return known
    const { table, write: sent } = this.writes.of(write)
    const item = table === 'heads' ? this.heads.of(record) : this.leases.of(record)
    const over = item !== undefined && isOver(sent.when, item, ['term', ...(table === 'leases' ? ['orders'] : [])])
    this.#over.set(key, over)
    return over
  }

  /** A head as programs see it: without what none of them reads. */
  shownHead(record: number): number {
    const item = this.heads.of(record)
    this.#shownHeads[record] ??= item ? this.heads.id({ ...item, committedTerm: 0 }) : NONE
    return this.#shownHeads[record]
  }

  /** A lease as programs see it: its times are the monitors' business. */
  shownLease(record: number): number {
    const item = this.leases.of(record)
    this.#shownLeases[record] ??= item
      ? this.leases.id({ ...item, renewedAt: 0, expiresAt: 0, cooldownUntil: 0 })
      : NONE
    return this.#shownLeases[record]
  }

  #onHead(record: number, write: Pending['write']): number {
    const item = applied(write as Extract<Pending, { table: 'heads' }>['write'], this.heads.of(record))
    if (!item) return REFUSED
    // The record of a move is judged when it is written.
    const { revertedFrom: _, moved: __, ...rest } = item
    return this.heads.id({ ...rest, chain: CHAIN, ...FORGOTTEN_HEAD })
  }

  #onLease(record: number, write: Pending['write']): number {
    const item = applied(write as Extract<Pending, { table: 'leases' }>['write'], this.leases.of(record))
    return item ? this.leases.id({ ...shifted(item), chain: CHAIN, ...FORGOTTEN_LEASE }) : REFUSED
  }
}

/**
 * Times of a lease count from its grant: the clocks of monitors are anything anyhow, and leases that differ only in
 * when all of it happened behave alike.
 */
function shifted(lease: Lease): Lease {
  const { grantedAt, renewedAt, expiresAt, cooldownUntil } = lease
  return {
    ...lease,
    grantedAt: 0,
    renewedAt: renewedAt - grantedAt,
    expiresAt: expiresAt - grantedAt,
    cooldownUntil: cooldownUntil === 0 ? 0 : 1,
  }
}

/** What a text names: nodes, and the heights of first and second blocks, all as bits. */
export type Names = { readonly nodes: number; readonly firsts: number; readonly seconds: number }

export function namesOf(text: string): Names {
  const nodes = NODES.reduce((bits, name, i) => (text.includes(name) ? bits | (1 << i) : bits), 0)
  return { nodes, ...heightsIn(text) }
}
