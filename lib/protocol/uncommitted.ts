import type { BlockId } from './block.ts'
import type { ObservedNode, View } from './decision.ts'
import { wasReverted } from './follow-l1.ts'
import type { L2Block, Observation } from './observation.ts'
import { type Reason, reason } from './reason.ts'
import type { Head, NodeName } from './records.ts'
import { highestPossible } from './witnesses.ts'

/** What a node that names a block above the committed head could show of it. */
export type Shown = 'shown' | 'not-shown' | 'unknown'

/** A node whose newest block was never committed. */
export type Above = { readonly node: NodeName; readonly block: L2Block }

/** The nodes that name a block above the committed head, except quarantined ones. */
export function above({ nodes, observed, head, lease }: Pick<View, 'nodes' | 'observed' | 'head' | 'lease'>): Above[] {
  if (!head) return []
  return nodes.flatMap(({ name }) => {
    const consensus = observed[name]?.observation.consensus
    if (!consensus?.ok || !isUncommitted(head, consensus.value.unsafe) || lease?.quarantine[name]) return []
    return [{ node: name, block: consensus.value.unsafe }]
  })
}

/** Above the head, and not on a branch the head was moved back from, which a node may name until its L1 catches up. */
function isUncommitted(head: Head, unsafe: BlockId): boolean {
  return unsafe.number > head.number && !wasReverted(head, unsafe)
}

/**
 * A published block above the head: two nodes name one, or the only one that does can show it. While it exists, another
 * block in its place would be a second chain, so nothing may be granted.
 */
export function publishedAbove(view: View): Above | undefined {
  const found = above(view)
  const [first] = found
  if (!first) return undefined
  return found.length > 1 || isCredible(view, first) ? first : undefined
}

/** A node that alone names a block above the head and cannot show it. This speaks against that node only. */
export function unprovedAbove(view: View): Reason[] {
  const [first, ...others] = above(view)
  if (!first || others.length > 0 || isCredible(view, first)) return []
  const evidence = { number: String(first.block.number), committed: String(view.head?.number ?? 0n) }
  return [reason('unproved', evidence, first.node)]
}

/** An answer about its headers decides; without one, both its clients must name the block, at a height time allows. */
function isCredible(view: View, { node, block }: Above): boolean {
  const shown = view.shown?.node === node && view.shown.hash === block.hash ? view.shown.how : 'unknown'
  if (shown !== 'unknown') return shown === 'shown'
  const most = highestPossible(view)
  return most !== undefined && block.number <= most && hasBoth(view.observed[node]?.observation, view.head)
}

function hasBoth(sample: Observation | undefined, head: Head | undefined): boolean {
  if (!sample || !head) return false
  // A silent client denies nothing.
  return !sample.execution.ok || sample.execution.value.latest.number > head.number
}

/**
 * Everything here rests on a promise of the consensus client: it neither gossips nor inserts a block whose commit
 * fails, and starts its sequencer only at the given block. If a client breaks this promise, no conductor fences
 * anything: after a failover two nodes publish.
 */

/** A block that a node published without a commit, and the other nodes that have it. */
export type Published = { readonly number: bigint; readonly hash: string; readonly others: readonly NodeName[] }

/** kona-node reports a bare number as its version; op-node's begin with a letter. */
const KONA = /^\d+\.\d+|kona/i

/** Whether a client of this version is known to break the promise. */
export const breaksPromise = (version: string): boolean => KONA.test(version)

/** The evidence against a node's promise: the client it reports, and what it was seen to do. */
export function promiseReasons(node: NodeName, { observation: { consensus }, published }: ObservedNode): Reason[] {
  const version = consensus.ok ? consensus.value.version : undefined
  const found: Reason[] = []
  if (version !== undefined && breaksPromise(version)) found.push(reason('breaks-promise', { version }, node))
  if (published) {
    const { number, hash, others } = published
    const evidence = { number: String(number), hash, others: others.join(', ') }
    found.push(reason('published-uncommitted', evidence, node))
  }
  return found
}

/** The evidence against the promise of any node. A chain with such a node is not armed. */
export function promiseBreakers({ nodes, observed, lease }: Pick<View, 'nodes' | 'observed' | 'lease'>): Reason[] {
  return nodes.flatMap(({ name }) => {
    const known = observed[name]
    return known && !lease?.quarantine[name] ? promiseReasons(name, known) : []
  })
}

/**
 * The nodes seen to publish without commits: such a node sequences, does not lead, and has a block above the committed
 * head that another node has, too. No honest node can be above the head, because it is read last, except on a branch
 * that was committed before the head was moved back.
 */
export function publishers({ nodes, observed, head, lease }: View): { node: NodeName; published: Published }[] {
  if (!head) return []
  const above = nodes.flatMap(({ name }) => {
    const consensus = observed[name]?.observation.consensus
    const has = consensus?.ok && isUncommitted(head, consensus.value.unsafe) ? consensus.value : undefined
    return has ? [{ name, ...has.unsafe, sequencing: has.sequencing }] : []
  })
  return above.flatMap(({ name, number, hash, sequencing }) => {
    const others = above.filter((other) => other.name !== name && other.hash === hash).map((other) => other.name)
    // The leader's commits may have been lost with the records; other rules judge the leader.
    const innocent = !sequencing || others.length === 0 || leads(head, name) || lease?.quarantine[name] !== undefined
    return innocent ? [] : [{ node: name, published: { number, hash, others } }]
  })
}

const leads = ({ leader }: Head, node: NodeName) => leader === node
