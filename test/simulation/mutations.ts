import type { Mutation } from './mutation.ts'
import { DECISION_MUTATIONS } from './mutations-decision.ts'
import { GATE_MUTATIONS } from './mutations-gate.ts'
import { MONITOR_MUTATIONS } from './mutations-monitor.ts'
import { ORDER_MUTATIONS } from './mutations-orders.ts'
import { WRITE_MUTATIONS } from './mutations-writes.ts'

export type { Mutation } from './mutation.ts'

/** Every mutation the simulation must be able to distinguish from the product. */
export const MUTATIONS: readonly Mutation[] = [
  ...WRITE_MUTATIONS,
  ...GATE_MUTATIONS,
  ...DECISION_MUTATIONS,
  ...MONITOR_MUTATIONS,
  ...ORDER_MUTATIONS,
]
