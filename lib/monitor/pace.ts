import type { StoreOptions } from '../store/dynamo/table.ts'
import type { RunOptions } from './run.ts'

/**
 * From this many chains on, store reads are combined. Fewer chains seldom read at the same moment and would only wait
 * for each other.
 */
const GATHERING = 10
/** From this many chains on, the monitor saves CPU where it costs nothing important. */
const MANY = 50
/** Every how many turns healthy nodes are sampled, by the number of chains. */
const looksOf = (chains: number) => (chains < 200 ? 3 : chains < 500 ? 6 : 10)

/** How long a run of the monitor continues beside its successor, which is warm by then. */
export const HAND_OVER_MS = 6_000

/** CPU of a turn on a busy machine (ms), with some margin: each chain gets this share of a tick. */
const TURN_MS = 3
/** CPU of the first turns, in ms for each chain: they sample everything and run code that is not compiled yet. */
const FIRST_TURNS_MS = 15
const TICK_MS = 1_000

/**
 * The store options of a monitor of so many chains. With many, combines simultaneous reads into one request, since each
 * costs CPU, and extends the timeout, or a busy process would take its own slowness for a silent store.
 */
export const watching = (chains: number): StoreOptions => (chains < GATHERING ? {} : { gatherMs: 20, timeoutMs: 1_000 })

/**
 * The pace of each chain's turns, by its place among so many chains. With many: samples the nodes of a healthy chain
 * less often; holds the monitor lease longer, since each renewal is a write (a standby takes over from a dead run after
 * 15 s, not 4; commits need neither); and spreads the turns over the tick, since OP chains make their blocks on whole
 * seconds and all deadlines coincide. Turns start one after the other; meanwhile the previous run still monitors the
 * chains.
 */
export function paceOf(
  chains: number,
): (index: number) => Pick<RunOptions, 'observeEvery' | 'ttlMs' | 'jitterMs' | 'startOffsetMs'> {
  if (chains < MANY) return () => ({})
  const pace = { observeEvery: looksOf(chains), ttlMs: 15_000 }
  return (index) => ({ ...pace, jitterMs: (index * TURN_MS) % TICK_MS, startOffsetMs: index * FIRST_TURNS_MS })
}
