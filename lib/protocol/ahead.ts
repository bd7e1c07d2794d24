import type { BlockId } from './block.ts'
import type { View } from './decision.ts'
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

function hasBoth(look: Observation | undefined, head: Head | undefined): boolean {
  if (!look || !head) return false
  // A client that is silent denies nothing.
  return !look.execution.ok || look.execution.value.latest.number > head.number
}
