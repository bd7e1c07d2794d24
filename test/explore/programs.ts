import type { Head, Lease } from '../../lib/protocol/records.ts'
import type { Written } from '../../lib/protocol/write.ts'
import { anyAnswers, forecast } from './forecast.ts'
import type { Act } from './operators.ts'
import { headKind, leaseKind, type Pending } from './pending.ts'
import { type Call, type Reply, replay, type Stand } from './replay.ts'
import type { Scope } from './scope.ts'
import { REFUSED, type Tables } from './tables.ts'

/** How a request of a program ended. */
export const READ = 0
export const APPLIED = 1
export const KEPT = 2
export const LOST = 3
export type Ending = typeof READ | typeof APPLIED | typeof KEPT | typeof LOST

/** Nothing was begun. */
export const IDLE = 0
/** A program that ended, however. */
export const OVER = -1

/** A program that waits for the records: everything it was answered so far leads here. */
type Point = {
  readonly act: Act
  readonly by: string
  readonly replies: readonly Reply[]
  readonly table: 'heads' | 'leases'
  /** The write it waits for; {@link REFUSED} = none, it reads. */
  readonly write: number
  /** The point before; {@link IDLE} = none. */
  readonly before: number
  readonly next: Map<number, number>
}

type Line = Pick<Point, 'act' | 'by' | 'replies' | 'before'>

/** The points of all programs, found by running each once for every way it can be answered. */
export class Programs {
  readonly #tables: Tables
  readonly #scope: Scope
  readonly #points: (Point | undefined)[] = [undefined]
  readonly #futures = new Map<string, number>()
  readonly #begins: Map<string, number>[] = []
  /** How often a program was run from its beginning. */
  runs = 0
  /** Each way in which a program ended. */
  readonly endings = new Set<string>()

  constructor(tables: Tables, scope: Scope) {
    this.#tables = tables
    this.#scope = scope
  }

  get size(): number {
    return this.#points.length
  }

  at(point: number): Point {
    const found = this.#points[point]
    if (!found) throw new RangeError(`no program is at ${point}`)
    return found
  }

  /** Where an act of this operator begins; `undefined` = not run yet. */
  begun(act: Act, operator: number): number | undefined {
    return this.#begins[operator]?.get(act.text)
  }

  async begin(act: Act, operator: number): Promise<number> {
    const point = await this.#add({ act, by: `op${operator + 1}`, replies: [], before: IDLE })
    const begins = this.#begins[operator] ?? new Map()
    this.#begins[operator] = begins.set(act.text, point)
    return point
  }

  /** Where it is after an answer; `record` is the item it was shown. `undefined` = not run yet. */
  after(point: number, ending: Ending, record: number): number | undefined {
    return this.at(point).next.get(this.#key(point, ending, record))
  }

  async explore(point: number, ending: Ending, record: number): Promise<number> {
    const { act, by, replies, next, table } = this.at(point)
    const item = this.#shown(table, record)
    const reached = await this.#add({ act, by, replies: [...replies, replyOf(ending, item)], before: point }, ending)
    next.set(this.#key(point, ending, record), reached)
    return reached
  }

  #key(point: number, ending: Ending, record: number): number {
    const { table } = this.at(point)
    return (table === 'heads' ? this.#tables.shownHead(record) : this.#tables.shownLease(record)) * 4 + ending
  }

  #shown(table: Point['table'], record: number): Head | Lease | undefined {
    const { heads, leases } = this.#tables
    return table === 'heads' ? heads.of(this.#tables.shownHead(record)) : leases.of(this.#tables.shownLease(record))
  }

  async #add(line: Line, ending?: Ending): Promise<number> {
    const stand = await this.#run(line)
    if ('end' in stand) return this.#end(line.act, stand.end)
    const { call } = stand
    if (call.asks === 'read' && (await this.#isForTheRecord(line, call.table)))
      return this.#add({ ...line, replies: [...line.replies, { is: 'lost' }] })
    const write = this.#write(line, call)
    const again = ending === KEPT || ending === LOST ? this.#sameTry(line.before, call.table, write) : undefined
    return again ?? (await this.#sameFuture({ ...line, table: call.table, write, next: new Map() }))
  }

  /** The point of a program that is answered otherwise and goes on in the same way, or this one. */
  async #sameFuture(point: Point): Promise<number> {
    const { act, by, replies } = point
    const show = (call: Call, shown: readonly Reply[]) =>
      `${call.table} ${this.#write({ ...point, replies: shown }, call)}`
    const future = `${by} ${act.text} ${await forecast(act, by, replies, this.#scope.nodes, show)}`
    const known = this.#futures.get(future)
    if (known !== undefined) return known
    const added = this.#points.push(point) - 1
    this.#futures.set(future, added)
    return added
  }

  #run({ act, by, replies }: Line): Promise<Stand> {
    this.runs++
    return replay(act, by, this.#scope.nodes, (_, n) => replies[n])
  }

  /** What it goes on with is the same whether it is answered or not: it does not wait for what it only reports. */
  async #isForTheRecord(line: Line, table: Point['table']): Promise<boolean> {
    const texts: string[] = []
    for (const reply of anyAnswers(line.act, table)) {
      const stand = await this.#run({ ...line, replies: [...line.replies, reply] })
      texts.push('end' in stand ? stand.end : `${stand.call.table} ${this.#write(line, stand.call)}`)
    }
    return new Set(texts).size === 1
  }

  /** The point of the try before: what a write that was not applied leaves behind is but one try less of patience. */
  #sameTry(from: number, table: Point['table'], write: number): number | undefined {
    for (let point = from; point !== IDLE; point = this.at(point).before) {
      const found = this.at(point)
      if (found.table === table && found.write === write) return point
      if (found.replies.at(-1)?.is === 'written') return undefined
    }
    return undefined
  }

  #end({ text }: Act, end: string): number {
    this.endings.add(`${text.split(' ')[0]}: ${end.replace(/0x[0-9a-f]+/g, '…')}`)
    return OVER
  }

  #write({ act, by, replies }: Line, call: Call): number {
    if (call.asks !== 'write') return REFUSED
    const name = `${by}, ${act.text}`
    const pending: Pending =
      call.table === 'heads'
        ? { by: name, kind: headKind(call.write), ...call, ...headShown(replies) }
        : { by: name, kind: leaseKind(call.write), ...call, ...leaseShown(replies) }
    return this.#tables.write(pending)
  }
}

/** What the program is given. */
function replyOf(ending: Ending, item: Head | Lease | undefined): Reply {
  switch (ending) {
    case READ:
      return { is: 'read', item }
    case APPLIED:
      return { is: 'written', written: { applied: true, item } as Written<Head> | Written<Lease> }
    case KEPT:
      return { is: 'written', written: { applied: false, old: item } as Written<Head> | Written<Lease> }
    case LOST:
      return { is: 'lost' }
  }
}

function itemOf(reply: Reply): Head | Lease | undefined {
  if (reply.is === 'lost') return undefined
  if (reply.is === 'read') return reply.item
  return reply.written.applied ? reply.written.item : reply.written.old
}

/** What a program was shown last of the head: what it decides from. */
function headShown(replies: readonly Reply[]) {
  const item = replies.map(itemOf).findLast((each) => each !== undefined && 'hash' in each) as Head | undefined
  return item && { seen: { number: item.number, hash: item.hash, term: item.term } }
}

/** What it was shown last of the lease. */
function leaseShown(replies: readonly Reply[]) {
  const item = replies.map(itemOf).findLast((each) => each !== undefined && 'orders' in each) as Lease | undefined
  return item && { seen: { term: item.term, orders: item.orders } }
}
