import type { CommittedBlock } from '../context/inspect.ts'
import type { Block } from '../protocol/block.ts'
import type { Head } from '../protocol/records.ts'
import type { Condition } from '../protocol/write.ts'
import type { HeadStore } from '../store/stores.ts'

/** The screens show this much, and never fewer than {@link KEPT_BLOCKS} blocks. */
const KEPT_MS = 120_000
const KEPT_BLOCKS = 62
/** The most blocks kept, whatever the block time. */
const MOST_BLOCKS = 1_400

/** A commit as the gate of this process wrote it; `tookMs`: how long the store took. */
export type Seen = { readonly block: CommittedBlock; readonly tookMs: number }

/** The newest committed blocks, as this process's gate wrote them. */
export type BlockFeed = {
  /** The head store for the gate. */
  readonly heads: HeadStore
  /** Newest first. Always holds the block before the ones of the last two minutes, so that a gap keeps its start. */
  recent(): readonly CommittedBlock[]
  /** Calls back after each commit; returns how to stop that. */
  subscribe(changed: () => void): () => void
}

/** Observes the commits that pass through a head store, without touching the hot path. */
export function blockFeed(heads: HeadStore, onBlock: (seen: Seen) => void = () => {}): BlockFeed {
  const blocks: CommittedBlock[] = []
  const listeners = new Set<() => void>()
  // In the order of the commits: reads may overtake each other.
  let queue = Promise.resolve()

  const note = ({ block, tookMs }: Seen) => {
    if (blocks[0] && block.number <= blocks[0].number && block.committedAt <= blocks[0].committedAt) return
    blocks.unshift(block)
    const old = blocks.findIndex(({ committedAt }) => committedAt < block.committedAt - KEPT_MS)
    blocks.length = Math.min(blocks.length, MOST_BLOCKS, old === -1 ? MOST_BLOCKS : Math.max(old + 1, KEPT_BLOCKS))
    onBlock({ block, tookMs })
    for (const changed of listeners) changed()
  }

  /** The write names block and leader; only the stored item knows the term. */
  const complete = async (chain: string, written: Written, tookMs: number) => {
    const head = await heads.read(chain)
    if (head) note({ block: { ...written, term: termOf(written, head, blocks[0]) }, tookMs })
  }

  /** The reply to the commit itself was lost. */
  const noteRepeated = (head: Head | undefined, leader: string | undefined, tookMs: number) => {
    if (!head || head.leader !== leader || head.term !== head.committedTerm) return
    const { number, hash, parentHash, timestamp, l1Origin, committedAt, term } = head
    const block = { number, hash, parentHash, timestamp, committedAt, leader, term, ...(l1Origin && { l1Origin }) }
    note({ block, tookMs })
  }

  return {
    heads: {
      ...heads,
      async commit(chain, write) {
        const began = performance.now()
        const committed = await heads.commit(chain, write)
        const tookMs = performance.now() - began
        const leader = leaderIn(write.when)
        if (committed.applied && leader !== undefined) {
          const { number, hash, parentHash, timestamp, l1Origin, committedAt } = write.set as Block & Head
          const written = { number, hash, parentHash, timestamp, committedAt, leader, ...(l1Origin && { l1Origin }) }
          queue = queue.then(() => complete(chain, written, tookMs)).catch(() => {})
        } else if (!committed.applied && committed.old?.hash === write.set.hash) {
          queue = queue.then(() => noteRepeated(committed.old, leader, tookMs))
        }
        return committed
      },
    },
    recent: () => blocks,
    subscribe(changed) {
      listeners.add(changed)
      return () => listeners.delete(changed)
    },
  }
}

type Written = Omit<CommittedBlock, 'term'>

/** A fence may have followed at once, and so may the next block. */
function termOf({ hash, leader }: Written, head: Head, before: CommittedBlock | undefined): number {
  if (head.hash === hash) return head.committedTerm
  if (before?.leader === leader) return before.term
  return head.leader === leader ? head.term : head.committedTerm
}

/** The leader that the condition of a commit demands. */
function leaderIn(when: Condition): string | undefined {
  if (when.is === 'all') return when.of.map(leaderIn).find((leader) => leader !== undefined)
  return when.is === '=' && when.field === 'leader' ? String(when.value) : undefined
}
