import { BLOCK_MS } from './blocks.ts'
import { POLICY } from './policy.ts'

const PROBE_MS = 500
const WATCH_MS = 150
const ACTING_MS = 500

/** A late block, two silent looks, then grant, fence and start. */
export const FROZEN_MS = BLOCK_MS + POLICY.slackMs + 2 * (PROBE_MS + WATCH_MS) + ACTING_MS
/** A refused connection is settled at once when a block is late. */
export const DEAD_MS = BLOCK_MS + POLICY.slackMs + WATCH_MS + ACTING_MS
/** A soft reason waits for the stall, the lease and the hold time. */
export const STALLED_MS = POLICY.stallMs + BLOCK_MS + POLICY.leaseMs + POLICY.holdMs + ACTING_MS
export const VERIFIED_MS = POLICY.verifyMs + ACTING_MS
