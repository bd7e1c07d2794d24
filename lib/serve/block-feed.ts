import type { CommittedBlock } from '../context/inspect.ts'
import type { Head } from '../protocol/records.ts'
import type { HeadStore } from '../store/stores.ts'

/** How many committed blocks are kept for showing. */
const KEPT = 60

/** The newest committed blocks, as this process's gate wrote them. */
export type BlockFeed = {
  /** The head store to give to the gate. */
  readonly heads: HeadStore
  /** Newest first. */
  recent(): readonly CommittedBlock[]
  /** Calls back after each commit; returns how to stop that. */
  subscribe(changed: () => void): () => void
}

/** Watches the commits that pass through a head store; the hot path is left as it is. */
export function blockFeed(heads: HeadStore): BlockFeed {
  const blocks: CommittedBlock[] = []
  const listeners = new Set<() => void>()
  const note = async (chain: string) => {
    const head: Head | undefined = await heads.read(chain)
    if (!head || blocks[0]?.hash === head.hash) return
    blocks.unshift(head)
    blocks.length = Math.min(blocks.length, KEPT)
    for (const changed of listeners) changed()
  }
  return {
    heads: {
      ...heads,
      async commit(chain, write) {
        const committed = await heads.commit(chain, write)
        if (committed.applied) void note(chain).catch(() => {})
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
