import { type BlockId, type Hash, isNoBlock } from './block.ts'
import type { ObservedNode, View } from './decision.ts'
import type { Head, NodeName } from './records.ts'

/**
 * Which committed block is at the height of a node's newest block. Head and its parent show that for the newest two
 * heights; further below, a node on an abandoned branch looks like one that is a little behind.
 */
export type Branch = {
  /** The node's newest block then. */
  readonly of: BlockId
  /** The committed block of that number, by the parent hashes from a committed head downwards. */
  readonly committed: Hash
  /** The last move of that head (Unix ms): after another one, another branch may be the committed one. */
  readonly movedAt?: number
}

/** What a node of the committed chain can be compared with: the head, or its parent. */
const isFarBelow = (head: Head, { number }: BlockId): boolean => number < head.number - 1n

/** Whether the branch was looked up for this block, and for a head that has only grown since. */
const isAbout = (head: Head, { hash }: BlockId, { branch }: ObservedNode): boolean =>
  branch?.of.hash === hash && branch.movedAt === head.moved?.at

/** The committed block in whose place the node has another one; `undefined` = not proved. */
export function abandoned(head: Head | undefined, known: ObservedNode): (BlockId & { committed: Hash }) | undefined {
  const { consensus } = known.observation
  const { branch } = known
  if (!head || !branch || !consensus.ok || !isFarBelow(head, consensus.value.unsafe)) return undefined
  if (!isAbout(head, consensus.value.unsafe, known) || branch.committed === branch.of.hash) return undefined
  return { ...branch.of, committed: branch.committed }
}

/** Nodes that stand further below the head than it shows, within the lag of a candidate, not looked up yet. */
export function unplaced({ head, lease, nodes, observed, policy }: View): { node: NodeName; at: BlockId }[] {
  if (!head || !lease) return []
  return nodes.flatMap(({ name }) => {
    const known = observed[name]
    const consensus = known?.observation.consensus
    if (!known || !consensus?.ok || name === head.leader || lease.quarantine[name]) return []
    const { number, hash } = consensus.value.unsafe
    if (number === 0n || isNoBlock(hash) || !isFarBelow(head, { number, hash })) return []
    if (head.number - number > policy.maxLag || isAbout(head, { number, hash }, known)) return []
    return [{ node: name, at: { number, hash } }]
  })
}
