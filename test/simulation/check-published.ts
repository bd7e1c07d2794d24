import type { Block } from '../../lib/protocol/block.ts'
import type { Head, NodeName } from '../../lib/protocol/records.ts'
import type { Journal } from './journal.ts'
import type { Referee } from './referee.ts'

/**
 * Invariant 5: what nodes gossip, and what they put on top of their chains, was committed before.
 * Until there is a head, a node may sequence outside Baton; what nodes put on their chains then must be
 * what the head is seeded on. What an overridden node publishes has no commit, and no other block may take its place.
 */
export class Published {
  readonly #journal: Journal
  readonly #referee: Referee
  readonly #outside = new Map<bigint, string>()
  /** Blocks that an overridden node published without a commit, by number. */
  readonly without = new Map<bigint, string>()
  #seed: bigint | undefined

  constructor(journal: Journal, referee: Referee) {
    this.#journal = journal
    this.#referee = referee
  }

  /** The number of the block the head was seeded with. */
  get seed(): bigint | undefined {
    return this.#seed
  }

  seeded({ number, hash }: Head): void {
    this.#seed = number
    const shown = this.#outside.get(number)
    if (shown !== undefined && shown !== hash) this.#journal.violate(5, `seeded ${hash}, published was ${shown}`)
    for (const above of this.#outside.keys()) {
      if (above > number)
        this.#journal.violate(5, `block ${above} was published, and the head seeded below it at ${number}`)
    }
  }

  /** An overridden node has sealed a block, and publishes it. */
  publishedWithout(node: NodeName, { number, hash }: Block): void {
    const other = this.#referee.committed.get(number)?.hash ?? this.without.get(number)
    if (other !== undefined && other !== hash)
      this.#journal.violate(1, `${node} published block ${number} ${hash} without a commit, beside ${other}`)
    this.without.set(number, hash)
  }

  /** A block is the head now. */
  committed({ number, hash }: Head): void {
    const published = this.without.get(number)
    if (published !== undefined && published !== hash)
      this.#journal.violate(1, `block ${number} ${published} was published without a commit, and ${hash} committed`)
  }

  /** A node shows a block to others, or takes one over. */
  shown(node: NodeName, how: 'gossip' | 'insert', { number, hash }: Block): void {
    if (this.#seed === undefined) {
      // Without a gate nothing keeps a block that reached no node and went with its process: none can know of it.
      if (how === 'gossip') return
      const other = this.#outside.get(number)
      if (other !== undefined && other !== hash)
        this.#journal.violate(5, `two blocks ${number} were published before the seed`)
      this.#outside.set(number, hash)
      return
    }
    const { committed, left } = this.#referee
    // L1 took it back: a node that has not noticed may still hold it.
    if (left.has(hash)) return
    const expected =
      number <= this.#seed ? this.#outside.get(number) : (committed.get(number)?.hash ?? this.without.get(number))
    if (expected !== undefined && expected !== hash)
      this.#journal.violate(1, `${node}: ${how} of block ${number} ${hash}, the chain has ${expected}`)
    if (number > this.#seed && expected === undefined)
      this.#journal.violate(5, `${node}: ${how} of block ${number} ${hash}, which was never committed`)
  }
}
