import { defaultPolicy, type Policy } from '../../lib/protocol/policy.ts'
import { BLOCK_MS } from './blocks.ts'

/** The policy of every history: the product's own, with the long pauses made short. */
export const POLICY: Policy = {
  ...defaultPolicy(BLOCK_MS),
  holdMs: 3_000,
  cooldownMs: 4_000,
  budgetPerHour: 1_000,
  l1FrozenMs: 8_000,
  maxLag: 60n,
}
