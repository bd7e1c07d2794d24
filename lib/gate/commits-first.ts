/** How long other work waits for commits (ms): as long as a large one takes. Then it runs beside them. */
const MOST_MS = 150
/** How many proceed in one turn of the event loop: a commit that arrives meanwhile is seen between two. */
const AT_ONCE = 4

/** Lets commits go before the other work of a process: both share one thread, and only a commit makes a chain wait. */
export type CommitsFirst = {
  /** Does a part of a commit. */
  commit<T>(part: () => Promise<T>): Promise<T>
  /** Resolves when no commit is in hand, after {@link MOST_MS} at the latest. */
  turn(): Promise<void>
}

export function commitsFirst(): CommitsFirst {
  let inHand = 0
  const waiting = new Set<() => void>()
  // Never in the turn in which a part ends: what follows may be the next one.
  const release = () => {
    if (inHand > 0) return
    for (const go of [...waiting].slice(0, AT_ONCE)) go()
    if (waiting.size > 0) setImmediate(release)
  }
  return {
    async commit(part) {
      inHand += 1
      try {
        return await part()
      } finally {
        inHand -= 1
        if (inHand === 0 && waiting.size > 0) setImmediate(release)
      }
    },
    turn() {
      if (inHand === 0) return Promise.resolve()
      return new Promise((resolve) => {
        const go = () => {
          clearTimeout(timer)
          waiting.delete(go)
          resolve()
        }
        const timer = setTimeout(go, MOST_MS)
        waiting.add(go)
      })
    },
  }
}
