import type { Snapshot } from '../context/inspect.ts'
import type { Condition } from '../protocol/decision.ts'

/**
 * The state that every screen shows in one word: the condition, unless all seems well only because Baton would not act.
 * `paused` and `held` are no green: a forgotten pause shows in the next outage.
 */
export type ShownState = Condition | 'paused' | 'held'

export const stateNames: Record<ShownState, string> = {
  ok: 'OK',
  degraded: 'DEGRADED',
  moving: 'MOVING',
  halted: 'HALTED',
  observing: 'OBSERVING',
  paused: 'PAUSED',
  held: 'HELD',
}

/** The state of a chain. What is graver than a pause stays visible: an outage and a move under way. */
export function stateOf({ view: { lease }, decision: { condition } }: Snapshot): ShownState {
  if (condition === 'halted' || condition === 'moving') return condition
  if (lease?.mode === 'paused') return 'paused'
  return lease?.mode === 'hold' ? 'held' : condition
}
