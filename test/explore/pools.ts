import type { Head } from '../../lib/protocol/records.ts'
import { fromHead, fromLease, withoutHead } from './monitors.ts'
import { commitsOn } from './nodes.ts'
import type { Scope } from './scope.ts'
import { NONE, type Tables } from './tables.ts'

/** Sets of writes that are on their way. Each is a sorted list without repetitions, and has a number. */
export class Pools {
  readonly #tables: Tables
  readonly #scope: Scope
  readonly #sets: Int32Array[] = []
  readonly #ids = new Map<string, number>()
  readonly #next = new Map<number, number>()
  readonly #ofHead: Int32Array[] = []
  readonly #ofLease: Int32Array[] = []
  readonly #commits: Int32Array[] = []
  readonly #claimsOn = new Map<string, readonly number[]>()
  readonly empty: number

  constructor(tables: Tables, scope: Scope) {
    this.#tables = tables
    this.#scope = scope
    this.empty = this.#id([])
  }

  of(pool: number): Int32Array {
    return this.#sets[pool] ?? new Int32Array()
  }

  get size(): number {
    return this.#sets.length
  }

  /** What is on its way once a process may have seen these records; what can never apply again is forgotten. */
  seen(pool: number, head: number, lease: number): number {
    const key = (pool * 2 ** 15 + head) * 2 ** 16 + lease
    if (pool >= 2 ** 22 || head >= 2 ** 15 || lease >= 2 ** 16)
      throw new RangeError('more sets of writes than a key has room for')
    const known = this.#next.get(key)
    if (known !== undefined) return known
    const all = new Set([...this.of(pool), ...this.fromHead(head), ...this.fromLease(lease)])
    const alive = [...all].filter((write) => {
      const record = this.#tables.writes.of(write).table === 'heads' ? head : lease
      return record === NONE || !this.#tables.isOver(record, write)
    })
    const next = this.#id(alive.sort((a, b) => a - b))
    this.#next.set(key, next)
    return next
  }

  /** With one more write. */
  with(pool: number, write: number): number {
    const set = this.of(pool)
    return set.includes(write) ? pool : this.#id([...set, write].sort((a, b) => a - b))
  }

  /** The commits that this head takes from any sender. */
  commitsOn(head: number): Int32Array {
    const { heads } = this.#tables
    const item = heads.of(head)
    this.#commits[head] ??= Int32Array.from(
      item ? this.#claims(item).filter((write) => this.#tables.apply(head, write) >= 0) : [],
    )
    return this.#commits[head]
  }

  /** Of one head block and another of its hash all claims are the same. */
  #claims(head: Head): readonly number[] {
    const known = this.#claimsOn.get(head.hash)
    if (known) return known
    const claims = commitsOn(head, this.#scope).map((pending) => this.#tables.write(pending))
    this.#claimsOn.set(head.hash, claims)
    return claims
  }

  fromHead(head: number): Int32Array {
    const item = this.#tables.heads.of(head)
    this.#ofHead[head] ??= this.#numbers(item ? fromHead(item, this.#scope) : withoutHead(this.#scope))
    return this.#ofHead[head]
  }

  fromLease(lease: number): Int32Array {
    const item = this.#tables.leases.of(lease)
    this.#ofLease[lease] ??= this.#numbers(item ? fromLease(item, this.#scope) : [])
    return this.#ofLease[lease]
  }

  #numbers(pending: readonly Parameters<Tables['write']>[0][]): Int32Array {
    return Int32Array.from(pending.map((each) => this.#tables.write(each)))
  }

  #id(set: readonly number[]): number {
    const text = set.join()
    const known = this.#ids.get(text)
    if (known !== undefined) return known
    this.#ids.set(text, this.#sets.length)
    this.#sets.push(Int32Array.from(set))
    return this.#sets.length - 1
  }
}
