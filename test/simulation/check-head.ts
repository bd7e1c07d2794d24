import type { BlockId } from '../../lib/protocol/block.ts'
import type { Head, NodeName } from '../../lib/protocol/records.ts'
import { checkMove, type MoveFacts } from './check-moves.ts'
import type { Journal } from './journal.ts'
import { OPERATOR } from './plan.ts'

/** A block that is the head, or was: who committed it, under which term, when (ms). */
export type Committed = {
  readonly hash: string
  readonly node: NodeName
  readonly term: number
  readonly at: number
  readonly origin: BlockId | undefined
}

type Facts = Omit<MoveFacts, 'committed'>

/** Invariants 1, 2 and 4, and the part of 3 that the head item has, on each change of the head. */
export class HeadRules {
  readonly #journal: Journal
  readonly #committers = new Map<number, NodeName>()
  readonly committed = new Map<bigint, Committed>()

  constructor(journal: Journal) {
    this.#journal = journal
  }

  hasCommitted(node: NodeName): boolean {
    return [...this.#committers.values()].includes(node)
  }

  /** Blocks that were committed until the head was moved back from them. */
  readonly left = new Set<string>()

  seeded({ number, hash, leader, term, l1Origin: origin }: Head): void {
    this.committed.set(number, { hash, node: '', term, at: this.#journal.now(), origin })
    if (leader !== '' || term !== 0) this.#journal.violate(4, 'a seeded head has a leader')
  }

  changed(actor: string, before: Head, after: Head, granted: ReadonlyMap<number, NodeName>, facts: Facts): void {
    if (after.moved !== before.moved) {
      this.#move(before, after, facts)
      return
    }
    const { term, leader, number } = after
    const broken = this.#journal.violate.bind(this.#journal)
    if (term < before.term) broken(2, `the term fell from ${before.term} to ${term}`)
    if (leader !== before.leader && term <= before.term)
      broken(4, `term ${term} passed from ${before.leader} to ${leader}`)
    const closed = leader === '' && actor === OPERATOR && after.hash === before.hash
    if (closed) this.#journal.reach('head closed to all')
    if (term > before.term && !closed && granted.get(term) !== leader)
      broken(4, `term ${term} fenced for ${leader}, granted to ${granted.get(term)}`)
    if (after.hash !== before.hash) this.#commit(before, after)
    else if (number !== before.number || after.payload !== before.payload || after.parentHash !== before.parentHash)
      broken(1, `block ${number} was rewritten in place`)
  }

  #commit(before: Head, after: Head): void {
    const { number, hash, parentHash, leader: node, term, committedTerm, payload, l1Origin: origin } = after
    const broken = this.#journal.violate.bind(this.#journal)
    const earlier = this.committed.get(number)
    if (earlier) broken(1, `block ${number} ${earlier.hash} was replaced by ${hash}`)
    if (number !== before.number + 1n || parentHash !== before.hash)
      broken(2, `block ${number} (parent ${parentHash}) was committed on ${before.number} ${before.hash}`)
    if (term !== before.term || committedTerm !== term)
      broken(2, `block ${number} names term ${committedTerm}, not ${term}`)
    const committer = this.#committers.get(term) ?? node
    if (committer !== node) broken(4, `${committer} and ${node} both committed under term ${term}`)
    if (!payload) broken(3, `no payload was kept for block ${number}`)
    this.#committers.set(term, node)
    this.committed.set(number, { hash, node, term, at: this.#journal.now(), origin })
  }

  /** A move that was no commit: up over blocks that were published without one, or back from what L1 took. */
  #move(before: Head, after: Head, facts: Facts): void {
    const { number, term, l1Origin: origin } = after
    const problem = checkMove(before, after, { ...facts, committed: this.committed })
    if (problem) this.#journal.violate(1, problem)
    this.#journal.reach(number > before.number ? 'head moved up' : 'head moved back')
    for (const [above, { hash }] of this.committed) {
      if (above <= number) continue
      this.committed.delete(above)
      this.left.add(hash)
    }
    for (let n = before.number + 1n; n <= number; n++) {
      const hash = facts.without.get(n) ?? ''
      this.committed.set(n, {
        hash,
        node: '',
        term,
        at: this.#journal.now(),
        origin: n === number ? origin : undefined,
      })
    }
  }
}
