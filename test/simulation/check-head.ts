import type { Head, NodeName } from '../../lib/protocol/records.ts'
import type { Journal } from './journal.ts'

/** A block that is the head, or was: who committed it, under which term, when (ms). */
export type Committed = { readonly hash: string; readonly node: NodeName; readonly term: number; readonly at: number }

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

  seeded({ number, hash, holder, term }: Head): void {
    this.committed.set(number, { hash, node: '', term, at: this.#journal.now() })
    if (holder !== '' || term !== 0) this.#journal.violate(4, 'a seeded head has a holder')
  }

  moved(before: Head, after: Head, granted: ReadonlyMap<number, NodeName>): void {
    const { term, holder, number } = after
    const broken = this.#journal.violate.bind(this.#journal)
    if (term < before.term) broken(2, `the term fell from ${before.term} to ${term}`)
    if (holder !== before.holder && term <= before.term)
      broken(4, `term ${term} passed from ${before.holder} to ${holder}`)
    if (term > before.term && granted.get(term) !== holder)
      broken(4, `term ${term} fenced for ${holder}, granted to ${granted.get(term)}`)
    if (after.hash !== before.hash) this.#commit(before, after)
    else if (number !== before.number || after.payload !== before.payload || after.parentHash !== before.parentHash)
      broken(1, `block ${number} was rewritten in place`)
  }

  #commit(before: Head, { number, hash, parentHash, holder: node, term, committedTerm, payload }: Head): void {
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
    this.committed.set(number, { hash, node, term, at: this.#journal.now() })
  }
}
