/** How Baton treats one chain. Every time is in milliseconds. */
export type Policy = {
  readonly blockTimeMs: number
  /** A block this much after its due time is late; the first late moment starts a probe at once. */
  readonly slackMs: number
  /** A late holder that let this many looks in a row time out is replaced. */
  readonly silentLooks: number
  /** A holder that answers everything but commits nothing for this long is replaced. */
  readonly stallMs: number
  /** A granted node must commit within this time, else the next candidate is tried. */
  readonly verifyMs: number
  /** How long a lease runs without renewal; soft reasons wait for its end. */
  readonly leaseMs: number
  /** Blocks a standby may be behind the committed head. */
  readonly maxLag: bigint
  /** Blocks the target of a planned switchover may be behind: it must take over within a slot. */
  readonly maxSwitchoverLag: bigint
  /** Soft reasons do not move sequencing again within this time. */
  readonly holdMs: number
  /** Automatic moves allowed within an hour. */
  readonly budgetPerHour: number
  /** Pause after a round in which every candidate failed. */
  readonly cooldownMs: number
  /** L1 heads older than this on every node are a shared cause. */
  readonly l1FrozenMs: number
}

/** The policy of a chain with this block time, unless its configuration says otherwise. */
export function defaultPolicy(blockTimeMs: number): Policy {
  return {
    blockTimeMs,
    slackMs: 200,
    silentLooks: 2,
    stallMs: Math.max(3 * blockTimeMs, 3_000),
    verifyMs: Math.max(3 * blockTimeMs, 5_000),
    leaseMs: Math.max(3 * blockTimeMs, 3_000),
    maxLag: 600n,
    maxSwitchoverLag: 2n,
    holdMs: 60_000,
    budgetPerHour: 12,
    cooldownMs: 60_000,
    l1FrozenMs: 120_000,
  }
}
