import { setImmediate as afterOthers } from 'node:timers/promises'

/** How long one slice of work may keep everybody else of a process waiting, in ms. */
const SLICE_MS = 5

/** Work that may pause at each `yield`, done without a pause. */
export function atOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
  }
}

/**
 * The same work in slices of some 5 ms: what else waits in the process is served between them. A block
 * of 1 MB takes a quarter of a second to hash; the commits of that time must not wait for it.
 */
export async function inSlices<T>(work: Generator<void, T>): Promise<T> {
  for (let began = performance.now(); ; ) {
    const { done, value } = work.next()
    if (done) return value
    if (performance.now() - began < SLICE_MS) continue
    await afterOthers()
    began = performance.now()
  }
}
