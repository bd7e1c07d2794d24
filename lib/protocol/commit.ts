import type { Block, BlockId, PayloadPlace } from './block.ts'
import type { Head, NodeName } from './records.ts'
import { all, equals, type Write } from './write.ts'

/**
 * The commit rule: a block becomes the head if this node holds the head and the block is the head's child.
 * The rule needs no lease, no prior read and no clock: `at` (Unix ms) is evidence only.
 */
export function commit(node: NodeName, block: Block, place: PayloadPlace, at: number): Write<Head> {
  return {
    set: { ...block, ...place, committedAt: at },
    copy: { committedTerm: 'term' },
    remove: ['payload' in place ? 'payloadRef' : 'payload', ...(block.l1Origin ? [] : ['l1Origin' as const])],
    when: all(equals('leader', node), equals('number', block.number - 1n), equals('hash', block.parentHash)),
  }
}

/** The outcome of a commit. Only `committed` and `repeated` may be answered with OK. */
export type CommitOutcome =
  | { readonly outcome: 'committed' }
  /** The same block by the same leader: the reply to an earlier attempt was lost. */
  | { readonly outcome: 'repeated' }
  /** The chain has no head yet. */
  | { readonly outcome: 'no-head' }
  | { readonly outcome: 'not-leader'; readonly leader: NodeName; readonly term: number }
  /** At or below the head with another hash, or not the head's child: the node needs a repair. */
  | { readonly outcome: 'conflict'; readonly head: BlockId }
  /** Above head + 1: blocks in between were never committed. */
  | { readonly outcome: 'gap'; readonly head: BlockId }

/** Classifies a refused commit by the item that refused it. */
export function judgeRefusal(node: NodeName, block: Block, old: Head | undefined): CommitOutcome {
  if (old === undefined) return { outcome: 'no-head' }
  if (old.leader !== node) return { outcome: 'not-leader', leader: old.leader, term: old.term }
  if (old.hash === block.hash) return { outcome: 'repeated' }
  const head = { number: old.number, hash: old.hash }
  return block.number > old.number + 1n ? { outcome: 'gap', head } : { outcome: 'conflict', head }
}
