import type { ObservedNode, View } from './decision.ts'
import { type Reason, reason } from './reason.ts'
import type { Head, NodeName } from './records.ts'

/**
 * Everything here rests on a promise of the consensus client: a block whose commit fails is neither gossiped nor
 * inserted, and a sequencer starts only at the block it is told. Behind a client that does not keep it no conductor
 * fences anything: after a failover two nodes publish.
 */

/** A block that a node published without a commit, and who has it too. */
export type Published = { readonly number: bigint; readonly hash: string; readonly others: readonly NodeName[] }

/** kona-node says a bare number as its version; op-node's begin with a letter. */
const KONA = /^\d+\.\d+|kona/i

/** What is known against a node's promise: the client it says it is, and what it was seen to do. */
export function promiseReasons(node: NodeName, { observation: { consensus }, published }: ObservedNode): Reason[] {
  const version = consensus.ok ? consensus.value.version : undefined
  const found: Reason[] = []
  if (version !== undefined && KONA.test(version)) found.push(reason('breaks-promise', { version }, node))
  if (published) {
    const { number, hash, others } = published
    const evidence = { number: String(number), hash, others: others.join(', ') }
    found.push(reason('published-uncommitted', evidence, node))
  }
  return found
}

/** What is known against the promise of any node: a chain with one of those is not armed. */
export function promiseBreakers({ nodes, observed, lease }: Pick<View, 'nodes' | 'observed' | 'lease'>): Reason[] {
  return nodes.flatMap(({ name }) => {
    const known = observed[name]
    return known && !lease?.quarantine[name] ? promiseReasons(name, known) : []
  })
}

/**
 * The nodes that publish without commits, as far as a look can tell: one that sequences and does not lead has a block
 * above the committed head, and another node has it, too. Nobody can honestly be above the head: it is read last.
 */
export function publishers({ nodes, observed, head, lease }: View): { node: NodeName; published: Published }[] {
  if (!head) return []
  const above = nodes.flatMap(({ name }) => {
    const consensus = observed[name]?.observation.consensus
    const has = consensus?.ok && consensus.value.unsafe.number > head.number ? consensus.value : undefined
    return has ? [{ name, ...has.unsafe, sequencing: has.sequencing }] : []
  })
  return above.flatMap(({ name, number, hash, sequencing }) => {
    const others = above.filter((other) => other.name !== name && other.hash === hash).map((other) => other.name)
    // Its commits may have been lost with the records: whoever leads is judged elsewhere.
    const innocent = !sequencing || others.length === 0 || leads(head, name) || lease?.quarantine[name] !== undefined
    return innocent ? [] : [{ node: name, published: { number, hash, others } }]
  })
}

const leads = ({ leader }: Head, node: NodeName) => leader === node
