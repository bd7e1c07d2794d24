import type { RunOptions } from '../monitor/run.ts'
import type { OpenOptions } from './stores.ts'

/** Fewer chains seldom ask for something at the same moment: they would only wait for each other. */
const GATHERING = 10
/** From here on CPU is saved where it costs nothing that matters. */
const MANY = 50
/** In each how many turns nodes that are well are asked, by the number of chains. */
const looksOf = (chains: number) => (chains < 200 ? 3 : chains < 500 ? 6 : 10)

/** What a turn takes of a busy CPU (ms), some air included: each chain has so much of a tick for itself. */
const TURN_MS = 3
/** The first turns look at everything, and run code that is not compiled yet: so many ms of a CPU for each chain. */
const FIRST_TURNS_MS = 15
const TICK_MS = 1_000

/**
 * How a monitor of so many chains asks the store. Of many: reads of a moment are one request, since each costs CPU;
 * and the end of a call is later, or a busy process would call the store silent for its own slowness.
 */
export const watching = (chains: number): OpenOptions => (chains < GATHERING ? {} : { gatherMs: 20, timeoutMs: 1_000 })

/**
 * How a monitor of so many chains goes about the turns of each, by its place among them. Of many: nodes of a chain
 * that is well are asked less often; the monitor lease runs for longer, since each renewal is a write (a run that
 * dies is followed after 15 s, not 4; commits need neither); and turns are spread over the tick, for OP chains make
 * their blocks on whole seconds, and all deadlines are one moment. They begin one after the other: meanwhile the
 * run before still watches.
 */
export function paceOf(
  chains: number,
): (index: number) => Pick<RunOptions, 'observeEvery' | 'ttlMs' | 'jitterMs' | 'startOffsetMs'> {
  if (chains < MANY) return () => ({})
  const pace = { observeEvery: looksOf(chains), ttlMs: 15_000 }
  return (index) => ({ ...pace, jitterMs: (index * TURN_MS) % TICK_MS, startOffsetMs: index * FIRST_TURNS_MS })
}
