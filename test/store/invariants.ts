import type { Head } from '../../lib/protocol/records.ts'
import { payloadOf, type Raced } from './race.ts'

/**
 * What a race did to the invariants of the protocol. `history` is every state the head item ever
 * had, in order, as the database's own stream shows it: a witness none of the racers can influence.
 */
export function violations(history: readonly Head[], { acknowledged, fences }: Raced): string[] {
  const found: string[] = []
  const claim = (ok: boolean, what: string) => {
    if (!ok) found.push(what)
  }
  const committed = new Map<string, Head>()
  const hashAt = new Map<bigint, string>()
  const committerOf = new Map<number, string>()

  for (const [i, head] of history.entries()) {
    const before = history[i - 1]
    if (!before) continue
    claim(head.term >= before.term, `4: the term went from ${before.term} to ${head.term}`)
    const twoLeaders = head.term === before.term && head.leader !== before.leader
    claim(!twoLeaders, `4: term ${head.term} went from ${before.leader} to ${head.leader}`)
    if (head.hash === before.hash) {
      claim(head.committedTerm === before.committedTerm, `2: a fence changed the committed term of ${head.hash}`)
      continue
    }
    claim(head.parentHash === before.hash, `2: ${head.hash} does not descend from ${before.hash}`)
    claim(head.number === before.number + 1n, `2: number ${before.number} is followed by ${head.number}`)
    claim(
      head.committedTerm >= before.committedTerm,
      `2: committed term ${head.committedTerm} after ${before.committedTerm}`,
    )
    claim(head.committedTerm === head.term, `2: committed in term ${head.term}, recorded as ${head.committedTerm}`)
    claim((hashAt.get(head.number) ?? head.hash) === head.hash, `1: two hashes at ${head.number}`)
    hashAt.set(head.number, head.hash)
    committed.set(head.hash, head)
  }

  for (const { node, block, begun } of acknowledged) {
    const head = committed.get(block.hash)
    claim(head !== undefined, `3: ${node} got an OK for ${block.hash}, and it never was`)
    if (!head) continue
    claim(hashAt.get(block.number) === block.hash, `1: acknowledged ${block.hash} was replaced`)
    claim(head.leader === node, `4: ${node} committed while ${head.leader} held the head`)
    const committer = committerOf.get(head.committedTerm) ?? node
    claim(committer === node, `4: ${committer} and ${node} committed in term ${head.committedTerm}`)
    committerOf.set(head.committedTerm, node)
    const fenced = fences.find(({ head: { term }, tick }) => tick < begun && term > head.committedTerm)
    claim(!fenced, `4: ${node} committed in term ${head.committedTerm} after term ${fenced?.head.term} was fenced`)
  }

  for (const { head, begun } of fences) {
    const earlier = acknowledged.filter(({ tick }) => tick < begun)
    const highest = earlier.reduce((max, { block }) => (block.number > max ? block.number : max), 0n)
    claim(
      head.number >= highest,
      `3: the fence of term ${head.term} returned ${head.number}, ${highest} was acknowledged`,
    )
    const readable = head.committedTerm === 0 || Buffer.from(head.payload ?? []).equals(payloadOf(head))
    claim(readable, `3: the fence of term ${head.term} returned another payload than the head's`)
  }
  return found
}
