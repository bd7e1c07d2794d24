import type { Head } from '../../lib/protocol/records.ts'
import { Interned } from './intern.ts'
import { committed, type Ledger, moved } from './ledger.ts'
import type { Pending } from './pending.ts'
import { headRules } from './rules-head.ts'
import { leaseRules } from './rules-lease.ts'
import type { Scope } from './scope.ts'
import type { Tables } from './tables.ts'

/** What of a history is not in its records. */
export type Past = {
  readonly ledger: Ledger
  /** Heights of which a block was named: only there a second one can be distinguished from the first. */
  readonly named: number
  /** Nodes named so far, as bits: the next one to be named is always the next in order. */
  readonly nodes: number
  readonly moves: number
}

type OnHead = Extract<Pending, { table: 'heads' }>

/** Beyond a bound of the scope, or the same state under other names. */
export const NOT_ENTERED = -1
/** The rules forbid it: {@link Pasts.broken} says which. */
export const BROKEN = -2

/** The pasts of an exploration, and what each write makes of them. */
export class Pasts {
  readonly #tables: Tables
  readonly #scope: Scope
  readonly #pasts = new Interned<Past>()
  readonly #next = new Map<number, number>()
  readonly #said = new Map<number, string>()
  readonly first: number

  constructor(tables: Tables, scope: Scope) {
    this.#tables = tables
    this.#scope = scope
    this.first = this.#pasts.id({ ledger: [], named: 1, nodes: 0, moves: 0 })
  }

  get size(): number {
    return this.#pasts.size
  }

  of(past: number): Past {
    return this.#pasts.of(past)
  }

  /** The past after this write made `after` of `before`; else {@link NOT_ENTERED} or {@link BROKEN}. */
  after(past: number, before: number, after: number, write: number): number {
    const key = keyOf(past, before, write)
    const known = this.#next.get(key)
    if (known !== undefined) return known
    const next = this.#judge(this.of(past), before, after, write)
    if (typeof next === 'string') this.#said.set(key, next)
    const id = typeof next === 'string' ? BROKEN : next === undefined ? NOT_ENTERED : this.#pasts.id(next)
    this.#next.set(key, id)
    return id
  }

  /** Which rule {@link after} found broken. */
  broken(past: number, before: number, write: number): string {
    return this.#said.get(keyOf(past, before, write)) ?? ''
  }

  /** The past once something with these names is said aloud; {@link NOT_ENTERED} if another name is due first. */
  naming(past: number, names: ReturnType<Tables['namesIn']>): number {
    const named = this.#named(this.of(past), names)
    return named ? this.#pasts.id(named) : NOT_ENTERED
  }

  #named(past: Past, { nodes, firsts, seconds }: ReturnType<Tables['namesIn']>): Past | undefined {
    const known = past.nodes | nodes
    if ((known & (known + 1)) !== 0) return undefined
    const named = past.named | firsts
    if ((seconds & ~named) !== 0) return undefined
    return { ...past, named: named | seconds, nodes: known }
  }

  #judge(past: Past, before: number, after: number, write: number): Past | string | undefined {
    const sent = this.#tables.writes.of(write)
    const named = this.#named(past, this.#tables.namesIn(write))
    if (!named) return undefined
    const { term, height, orders } = this.#scope
    if (sent.table === 'leases') {
      const was = this.#tables.leases.of(before)
      const is = this.#tables.leases.of(after)
      if (!is) return undefined
      return leaseRules(was, is, sent) ?? (is.term > term || is.orders > orders ? undefined : named)
    }
    const was = this.#tables.heads.of(before)
    const is = this.#tables.heads.of(after)
    if (!is) return undefined
    const wrong = headRules(was, is, sent)
    if (wrong) return wrong
    if (is.term > term || is.number > BigInt(height)) return undefined
    return this.#withLedger(named, was, is, sent)
  }

  #withLedger(past: Past, was: Head | undefined, is: Head, { kind, write }: OnHead): Past | string | undefined {
    if (kind !== 'commit' && kind !== 'move' && kind !== 'seed-head') return past
    const ledger = kind === 'move' && was ? moved(past.ledger, is, write.set.moved?.from) : committed(past.ledger, is)
    if (typeof ledger === 'string') return ledger
    const moves = past.moves + (kind === 'move' ? 1 : 0)
    return moves > this.#scope.moves ? undefined : { ...past, ledger, moves }
  }
}

/** Three numbers in the 53 bits of one. */
function keyOf(past: number, before: number, write: number): number {
  if (past >= 2 ** 17 || before >= 2 ** 16 || write >= 2 ** 20)
    throw new RangeError('more pasts than a key has room for')
  return (past * 2 ** 16 + before) * 2 ** 20 + write
}
