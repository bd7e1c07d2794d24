import type { BlockId } from './block.ts'
import type { ObservedNode, View } from './decision.ts'
import { wasReverted } from './follow-l1.ts'
import type { L2Block, Observation } from './observation.ts'
import { type Reason, reason } from './reason.ts'
import type { Head, NodeName } from './records.ts'
import { highestPossible } from './witnesses.ts'

/** What a node that names a block above the committed head showed of it when it was asked. */
export type Shown = 'shown' | 'not-shown' | 'unknown'

/** A node whose newest block was never committed. */
export type Above = { readonly node: NodeName; readonly block: L2Block }

/** The nodes that name a block above the committed head. Not of those put aside for it. */
export function above({ nodes, observed, head, lease }: Pick<View, 'nodes' | 'observed' | 'head' | 'lease'>): Above[] {
  if (!head) return []
  return nodes.flatMap(({ name }) => {
    const consensus = observed[name]?.observation.consensus
    if (!consensus?.ok || !isUncommitted(head, consensus.value.unsafe) || lease?.quarantine[name]) return []
    return [{ node: name, block: consensus.value.unsafe }]
  })
}

/** Above the head, and not what the head was moved back from: a node whose L1 has not told it yet may show that for long. */
function isUncommitted(head: Head, unsafe: BlockId): boolean {
  return unsafe.number > head.number && !wasReverted(head, unsafe)
}

/**
 * The block above the head that somebody must have published: two nodes name one, or the only one that does can show
 * it. While it is there, another block in its place would be a second chain: nothing may be granted.
 */
export function publishedAbove(view: View): Above | undefined {
  const found = above(view)
  const [first] = found
  if (!first) return undefined
  return found.length > 1 || isCredible(view, first) ? first : undefined
}

/** A node that names a block above the head, alone and without showing it: that is held against this node only. */
export function unprovedAbove(view: View): Reason[] {
  const [first, ...others] = above(view)
  if (!first || others.length > 0 || isCredible(view, first)) return []
  const evidence = { number: String(first.block.number), committed: String(view.head?.number ?? 0n) }
  return [reason('unproved', evidence, first.node)]
}

/** Asked for its headers, the answer counts; else both its clients must name it, at a height the time allows. */
function isCredible(view: View, { node, block }: Above): boolean {
  const shown = view.shown?.node === node && view.shown.hash === block.hash ? view.shown.how : 'unknown'
  if (shown !== 'unknown') return shown === 'shown'
  const most = highestPossible(view)
  return most !== undefined && block.number <= most && hasBoth(view.observed[node]?.observation, view.head)
}

function hasBoth(sample: Observation | undefined, head: Head | undefined): boolean {
  if (!sample || !head) return false
  // A client that is silent denies nothing.
  return !sample.execution.ok || sample.execution.value.latest.number > head.number
}

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
