import type { Block } from '../../lib/protocol/block.ts'
import type { Head, Lease, NodeName } from '../../lib/protocol/records.ts'
import type { Write, Written } from '../../lib/protocol/write.ts'
import { checkLeaseWrite } from './check-lease.ts'
import { Register } from './check-linear.ts'
import { Published } from './check-published.ts'
import type { Journal } from './journal.ts'

/** A block that is the head, or was: who committed it, under which term. */
export type Committed = { readonly hash: string; readonly node: NodeName; readonly term: number; readonly at: number }

/** Watches every operation the store applies and every block the nodes show, and finds what must never be. */
export class Referee {
  readonly #journal: Journal
  readonly #head = new Register<Head>('head', 'chain')
  readonly #lease = new Register<Lease>('lease', 'chain')
  readonly #committers = new Map<number, NodeName>()
  readonly committed = new Map<bigint, Committed>()
  /** The holder of each term as it was granted. */
  readonly granted = new Map<number, NodeName>()
  readonly published: Published
  readonly #done = new Set<string>()
  /** Told of each new state of the head: what the archiver's stream carries. */
  onHead: (head: Head) => void = () => {}
  #lastGranter = ''
  #grantedAt = 0n
  #seeder = ''

  constructor(journal: Journal) {
    this.#journal = journal
    this.published = new Published(journal, this)
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
      this.#seeded(after)
    } else this.#moved(actor, before, after)
    this.onHead(after)
  }

  leaseWritten(actor: string, operation: string, chain: string, write: Write<Lease>, written: Written<Lease>): void {
    const before = this.#lease.item
    this.#linear(this.#lease.write(chain, write, written))
    const after = this.#lease.item
    this.journal.note(actor, () => `${operation} ${after?.term} ${after?.holder} ${written.applied ? '' : 'REFUSED'}`)
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
    const problem = checkLeaseWrite(operation, before, after, write, this.granted, this.#done)
    if (problem) this.#journal.violate(problem.invariant, problem.message)
    if (operation === 'grant') this.#reachGrant(before, after)
  }

  /** The gate refuses a node that is not the holder. */
  refused(node: NodeName): void {
    const before = [...this.#committers.values()].includes(node)
    this.journal.reach(before ? 'commit of a fenced node refused' : 'commit of a stranger refused')
  }

  /** An operator was told that the mode is set. */
  ordered({ modeBy }: Lease): void {
    this.#done.add(modeBy)
  }

  /** A node was told OK. */
  acknowledged(node: NodeName, { number, hash }: Block): void {
    const committed = this.committed.get(number)
    if (committed?.hash !== hash)
      this.journal.violate(1, `${node} was told OK for block ${number} ${hash}, committed is ${committed?.hash}`)
    else if (committed.node !== node)
      this.journal.violate(4, `${node} was told OK for block ${number}, which ${committed.node} committed`)
  }

  get journal(): Journal {
    return this.#journal
  }

  #seeded(head: Head): void {
    this.committed.set(head.number, { hash: head.hash, node: '', term: head.term, at: this.journal.now() })
    this.published.seeded(head)
    if (head.holder !== '' || head.term !== 0) this.journal.violate(4, 'a seeded head has a holder')
  }

  #moved(actor: string, before: Head, after: Head): void {
    const { journal } = this
    if (after.term < before.term) journal.violate(2, `the term fell from ${before.term} to ${after.term}`)
    if (after.holder !== before.holder && after.term <= before.term)
      journal.violate(4, `term ${after.term} passed from ${before.holder} to ${after.holder}`)
    if (after.term > before.term) {
      if (this.granted.get(after.term) !== after.holder)
        journal.violate(4, `term ${after.term} fenced for ${after.holder}, granted to ${this.granted.get(after.term)}`)
      if (before.number > this.#grantedAt) journal.reach('commit between grant and fence')
      if (this.#lastGranter !== actor) journal.reach('half-done grant finished by another monitor')
    }
    if (after.hash !== before.hash) this.#committed(before, after)
    else if (
      after.number !== before.number ||
      after.payload !== before.payload ||
      after.parentHash !== before.parentHash
    )
      journal.violate(1, `block ${after.number} was rewritten in place`)
  }

  #committed(before: Head, after: Head): void {
    const { journal } = this
    const { number, hash, parentHash, holder: node, term, committedTerm } = after
    const earlier = this.committed.get(number)
    if (earlier) journal.violate(1, `block ${number} ${earlier.hash} was replaced by ${hash}`)
    if (number !== before.number + 1n || parentHash !== before.hash)
      journal.violate(2, `block ${number} (parent ${parentHash}) was committed on ${before.number} ${before.hash}`)
    if (term !== before.term || committedTerm !== term)
      journal.violate(2, `block ${number} names term ${committedTerm}, not ${term}`)
    const committer = this.#committers.get(term) ?? node
    if (committer !== node) journal.violate(4, `${committer} and ${node} both committed under term ${term}`)
    this.#committers.set(term, node)
    this.committed.set(number, { hash, node, term, at: journal.now() })
    if (!after.payload) journal.violate(3, `no payload was kept for block ${number}`)
  }

  #reachGrant(before: Lease | undefined, after: Lease | undefined): void {
    const { journal } = this
    if (before === undefined || after === undefined) return
    if (after.cause.code === 'rolled-back') journal.reach('switchover rolled back')
    if (after.cause.code === 'switchover') journal.reach('switchover granted')
    if (after.cause.code === 'stalled') journal.reach('stalled holder replaced after its lease')
    if (after.tried.length > 1) journal.reach('third candidate granted in one round')
    if (after.cause.code === 'start-failed') journal.reach('start refused, then the next candidate')
    if (before.mode === 'auto' && after.previousHolder !== '' && after.cause.by === 'baton') journal.reach('failover')
  }

  #linear(problem: string | undefined): void {
    if (problem) this.#journal.violate('linear', problem)
  }
}

const describe = (head: Head | undefined) =>
  head ? `→ head ${head.number} ${head.hash.slice(0, 8)} holder ${head.holder} term ${head.term}` : ''
