import type { Block } from '../../lib/protocol/block.ts'
import type { Head, HistoryRecord, Lease, NodeName } from '../../lib/protocol/records.ts'
import type { Write, Written } from '../../lib/protocol/write.ts'
import { type Committed, HeadRules } from './check-head.ts'
import { checkLeaseWrite } from './check-lease.ts'
import { Register } from './check-linear.ts'
import { checkOrders } from './check-orders.ts'
import { Published } from './check-published.ts'
import type { Journal } from './journal.ts'
import { reachGrant } from './reach-grant.ts'

/** Watches every operation the store applies and every block the nodes show, and finds what must never be. */
export class Referee {
  readonly #journal: Journal
  readonly #head = new Register<Head>('head', 'chain')
  readonly #lease = new Register<Lease>('lease', 'chain')
  readonly #rules: HeadRules
  /** The leader of each term as it was granted. */
  readonly granted = new Map<number, NodeName>()
  readonly published: Published
  readonly #done = new Set<string>()
  /** Called with each new state of the head: what the archiver's stream carries. */
  onHead: (head: Head) => void = () => {}
  /** What L1 has at a number now. */
  l1HashAt: (number: bigint) => string = () => ''
  /** The nodes that publish without commits now. */
  publishing: () => readonly NodeName[] = () => []
  /** Orders given so far: each gets a name of its own. */
  orders = 0
  #lastGranter = ''
  #grantedAt = 0n
  #seeder = ''

  constructor(journal: Journal) {
    this.#journal = journal
    this.#rules = new HeadRules(journal)
    this.published = new Published(journal, this)
  }

  /** Every block that is the head, or was. */
  get committed(): ReadonlyMap<bigint, Committed> {
    return this.#rules.committed
  }

  /** Every block the head was moved back from. */
  get left(): ReadonlySet<string> {
    return this.#rules.left
  }

  get head(): Head | undefined {
    return this.#head.item
  }

  get lease(): Lease | undefined {
    return this.#lease.item
  }

  /** Whether a block is on the committed chain, or (below the seed) may be. */
  isChain(number: bigint, hash: string): boolean {
    const committed = this.committed.get(number)
    return committed ? committed.hash === hash : number <= (this.published.seed ?? number)
  }

  headRead(head: Head | undefined, bare: boolean): void {
    this.#linear(this.#head.read(head, bare ? 'payload' : undefined))
  }

  leaseRead(lease: Lease | undefined): void {
    this.#linear(this.#lease.read(lease))
  }

  headWritten(
    actor: string,
    operation: string,
    chain: string,
    write: Write<Head>,
    written: Written<Head> | { readonly applied: boolean },
  ): void {
    const before = this.#head.item
    this.#linear(this.#head.write(chain, write, written))
    const after = this.#head.item
    const { journal } = this
    journal.note(
      actor,
      () => `${operation} ${write.set.number ?? ''} ${describe(after)} ${written.applied ? '' : 'REFUSED'}`,
    )
    if (!written.applied || after === undefined) {
      if (operation === 'fence') journal.reach('fence lost to another monitor')
      if (operation === 'seed') journal.reach('seed lost to another monitor')
      return
    }
    if (before === undefined) {
      this.#seeder = actor
      this.#rules.seeded(after)
      this.published.seeded(after)
    } else this.#moved(actor, before, after)
    this.onHead(after)
  }

  leaseWritten(actor: string, operation: string, chain: string, write: Write<Lease>, written: Written<Lease>): void {
    const before = this.#lease.item
    this.#linear(this.#lease.write(chain, write, written))
    const after = this.#lease.item
    this.journal.note(actor, () => `${operation} ${after?.term} ${after?.leader} ${written.applied ? '' : 'REFUSED'}`)
    if (!written.applied) {
      if (operation === 'grant') this.journal.reach('grant lost to another monitor')
      return
    }
    if (operation === 'grant') {
      this.#lastGranter = actor
      this.#grantedAt = this.head?.number ?? 0n
    }
    if (operation === 'seed-lease' && actor !== this.#seeder)
      this.journal.reach('bootstrap finished by another monitor')
    if (operation === 'set-mode' && (before?.switchover?.notBefore ?? 0) > 0 && after?.switchover === undefined)
      this.journal.reach('scheduled switchover withdrawn by a mode')
    const problem =
      checkOrders(operation, before, after, this.head) ??
      checkLeaseWrite(operation, before, after, write, this.granted, this.#done)
    if (problem) this.#journal.violate(problem.invariant, problem.message)
    if (operation === 'grant') reachGrant(this.journal, before, after)
  }

  /** A record of the history says what was done. */
  recorded({ what, term, node }: HistoryRecord): void {
    if (what === 'grant' && this.granted.get(term) !== node)
      this.journal.violate('operator', `the history names a grant of term ${term} to ${node}, which was not made`)
  }

  /** The gate refuses a node that is not the leader. */
  refused(node: NodeName): void {
    const before = this.#rules.hasCommitted(node)
    this.journal.reach(before ? 'commit of a fenced node refused' : 'commit of a stranger refused')
  }

  /** An operator got the answer that the mode is set. */
  ordered(by: string): void {
    this.#done.add(by)
  }

  /** A node got an OK. */
  acknowledged(node: NodeName, { number, hash }: Block): void {
    const committed = this.committed.get(number)
    // L1 took it back while the answer was on its way.
    if (this.left.has(hash)) return
    if (committed?.hash !== hash)
      this.journal.violate(1, `${node} got OK for block ${number} ${hash}, committed is ${committed?.hash}`)
    else if (committed.node !== node)
      this.journal.violate(4, `${node} got OK for block ${number}, which ${committed.node} committed`)
  }

  get journal(): Journal {
    return this.#journal
  }

  #moved(actor: string, before: Head, after: Head): void {
    const { journal } = this
    const facts = { without: this.published.without, l1HashAt: this.l1HashAt, publishing: this.publishing }
    this.#rules.changed(actor, before, after, this.granted, facts)
    this.published.committed(after)
    if (after.term === before.term) return
    if (after.leader === '') return
    if (before.number > this.#grantedAt) journal.reach('commit between grant and fence')
    if (this.#lastGranter !== actor) journal.reach('half-done grant finished by another monitor')
  }

  #linear(problem: string | undefined): void {
    if (problem) this.#journal.violate('linear', problem)
  }
}

const describe = (head: Head | undefined) =>
  head ? `→ head ${head.number} ${head.hash.slice(0, 8)} leader ${head.leader} term ${head.term}` : ''
