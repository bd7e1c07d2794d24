import type { Snapshot } from '../context/inspect.ts'

/**
 * Brings a snapshot up to the moment it is shown (`at`, Unix ms). Looks are a second apart, while
 * commits are told at once: ages are counted from now on, and the head is the newest commit known.
 */
export function refresh(snapshot: Snapshot, at: number): Snapshot {
  const { view, blocks } = snapshot
  const { head } = view
  const newest = blocks[0]
  const committed = head && newest && newest.number > head.number && newest.term === head.term ? newest : undefined
  const now = Math.max(view.now, at)
  return {
    ...snapshot,
    view: {
      ...view,
      now,
      ...(head && committed && { head: { ...head, ...committed, committedTerm: committed.term } }),
    },
  }
}
