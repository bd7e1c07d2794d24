import { textOf } from './intern.ts'
import { type Act, actsNow } from './operators.ts'
import { BROKEN, Pasts } from './past.ts'
import { Pools } from './pools.ts'
import { APPLIED, type Ending, IDLE, KEPT, LOST, Programs, READ } from './programs.ts'
import type { Scope } from './scope.ts'
import { HEAD, LEASE, OPERATORS, PAST, POOL, WIDTH } from './state-set.ts'
import { type Dropped, type Names, NONE, namesOf, REFUSED, Tables } from './tables.ts'

/** One step from a state. */
export type Step = {
  /** The write that arrives, if it is one. */
  readonly write?: number
  /** The operator who begins something or is answered. */
  readonly operator?: number
  readonly act?: Act
  readonly ending?: number
}

/** Takes each state a step leads to; or the rule that the step breaks. */
type Take = (next: Int32Array, step: Step, broken?: string) => void

/** Finds every state that one step leads to. Whatever was worked out once for two numbers is remembered. */
export class Explorer {
  readonly scope: Scope
  readonly tables: Tables
  readonly pools: Pools
  readonly pasts: Pasts
  readonly programs: Programs
  readonly #acts: (readonly { readonly act: Act; readonly names: Names }[])[][] = []
  readonly #next = new Int32Array(WIDTH)

  constructor(scope: Scope, dropped?: Dropped) {
    this.scope = scope
    this.tables = new Tables(dropped)
    this.pools = new Pools(this.tables, scope)
    this.pasts = new Pasts(this.tables, scope)
    this.programs = new Programs(this.tables, scope)
  }

  /** No records, nothing on its way but what any monitor may have decided about that. */
  first(): Int32Array {
    return Int32Array.of(NONE, NONE, this.pools.seen(this.pools.empty, NONE, NONE), this.pasts.first, IDLE, IDLE)
  }

  async each(state: Int32Array, take: Take): Promise<void> {
    this.#deliver(state, take)
    for (const [operator, programs] of this.scope.operators.entries()) {
      const point = state[OPERATORS + operator] ?? IDLE
      if (point > IDLE) await this.#answer(state, operator, take)
      else if (point === IDLE && this.#mayBegin(state, operator, programs))
        await this.#begin(state, operator, programs, take)
    }
  }

  /** Which of two interchangeable operators is which does not matter: the first begins first. */
  #mayBegin(state: Int32Array, operator: number, programs: readonly string[]): boolean {
    const first = this.scope.operators.indexOf(programs)
    return first === operator || state[OPERATORS + first] !== IDLE
  }

  /** A write that is on its way arrives, or a node commits. */
  #deliver(state: Int32Array, take: Take): void {
    for (const write of this.pools.of(state[POOL] ?? 0)) this.#arrive(state, write, take)
    for (const write of this.pools.commitsOn(state[HEAD] ?? NONE)) this.#arrive(state, write, take)
  }

  #arrive(state: Int32Array, write: number, take: Take): void {
    const table = this.tables.writes.of(write).table === 'heads' ? HEAD : LEASE
    const record = state[table] ?? NONE
    const after = this.tables.apply(record, write)
    if (after === REFUSED || after === record) return
    if (this.#write(state, table, after, write)) take(this.#next, { write })
    else if (this.#broken) take(this.#next, { write }, this.#broken)
  }

  #broken = ''

  /** Puts what this write makes of a state into `#next`. */
  #write(state: Int32Array, table: typeof HEAD | typeof LEASE, after: number, write: number): boolean {
    const next = this.#next
    const before = state[table] ?? NONE
    const past = this.pasts.after(state[PAST] ?? 0, before, after, write)
    this.#broken = past === BROKEN ? this.pasts.broken(state[PAST] ?? 0, before, write) : ''
    if (past < 0) return false
    next.set(state)
    next[table] = after
    next[PAST] = past
    next[POOL] = this.pools.seen(next[POOL] ?? 0, next[HEAD] ?? NONE, next[LEASE] ?? NONE)
    return true
  }

  async #begin(state: Int32Array, operator: number, programs: readonly string[], take: Take): Promise<void> {
    const head = state[HEAD] ?? NONE
    this.#acts[operator] ??= []
    const acts = this.#acts[operator]
    acts[head] ??= actsNow(programs, this.tables.heads.of(head), this.scope).map((act) => ({
      act,
      names: namesOf(textOf(act)),
    }))
    for (const { act, names } of acts[head]) {
      const past = this.pasts.naming(state[PAST] ?? 0, names)
      if (past < 0) continue
      const point = this.programs.begun(act, operator) ?? (await this.programs.begin(act, operator))
      this.#next.set(state)
      this.#next[PAST] = past
      this.#stand(operator, point)
      take(this.#next, { operator, act })
    }
  }

  /** A program of an operator is answered, in each way it may be. */
  async #answer(state: Int32Array, operator: number, take: Take): Promise<void> {
    const point = state[OPERATORS + operator] ?? IDLE
    const { table, write } = this.programs.at(point)
    const place = table === 'heads' ? HEAD : LEASE
    const record = state[place] ?? NONE
    const go = (ending: Ending, shown: number) => this.programs.explore(point, ending, shown)
    if (this.scope.lostReplies && write !== REFUSED) {
      const lost = this.programs.after(point, LOST, NONE) ?? (await go(LOST, NONE))
      this.#next.set(state)
      this.#stand(operator, lost)
      take(this.#next, { operator, ending: LOST })
    }
    if (write === REFUSED) {
      const next = this.programs.after(point, READ, record) ?? (await go(READ, record))
      this.#next.set(state)
      this.#stand(operator, next)
      take(this.#next, { operator, ending: READ })
      return
    }
    const after = this.tables.apply(record, write)
    const ending = after === REFUSED ? KEPT : APPLIED
    const shown = after === REFUSED ? record : after
    const next = this.programs.after(point, ending, shown) ?? (await go(ending, shown))
    if (after === REFUSED || after === record) this.#next.set(state)
    else if (!this.#write(state, place, after, write)) {
      if (this.#broken) take(this.#next, { write, operator, ending }, this.#broken)
      return
    }
    this.#stand(operator, next)
    take(this.#next, { write, operator, ending })
  }

  /** The operator's program stands at a point; what it writes there may arrive at any time, and again. */
  #stand(operator: number, point: number): void {
    this.#next[OPERATORS + operator] = point
    if (point <= IDLE) return
    const { write } = this.programs.at(point)
    if (write !== REFUSED) this.#next[POOL] = this.pools.with(this.#next[POOL] ?? 0, write)
  }
}
