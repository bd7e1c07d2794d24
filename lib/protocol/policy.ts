/** How Baton treats one chain. All times in ms. */
export type Policy = {
  readonly blockTimeMs: number
  /** A block this much after its due time is late; the first late moment starts a probe at once. */
  readonly slackMs: number
  /** A late leader that lets this many samples in a row time out is replaced. */
  readonly silentLooks: number
  /** A leader that answers everything but commits nothing for this long is replaced. */
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
  /** Report a leader whose op-node has fewer peers; one without any may reach no node. 0 = do not count peers. */
  readonly minPeers: number
  /** Partial answers of a node's rollup-boost that are tolerated within an interval; op-conductor's default is 0. */
  readonly boostPartialLimit: number
  /** The length of that interval. */
  readonly boostPartialIntervalMs: number
  /** A leader that commits blocks without a flashblock for this long is reported as silent. */
  readonly flashblocksSilentMs: number
}

const between = (least: number, value: number, most: number) => Math.min(most, Math.max(least, Math.round(value)))

/** Slots without a commit after which a leader that answers everything has stalled. */
const STALL_SLOTS = 3
/** Slots a granted node has for its first commit, within bounds (ms): it may have to start, and to catch up. */
const VERIFY_SLOTS = 10
const [VERIFY_LEAST_MS, VERIFY_MOST_MS] = [2_000, 5_000]
/** The shortest stall and lease, however short the slots are: a commit and a renewal take their time. */
const STALL_LEAST_MS = 1_000
const LEASE_LEAST_MS = 1_200

/** Slots without a flashblock after which a stream is silent, and the least such time (ms). */
const SILENT_SLOTS = 3
const SILENT_LEAST_MS = 3_000

/** The policy of a chain with this block time, unless its configuration says otherwise. */
export function defaultPolicy(blockTimeMs: number): Policy {
  return {
    blockTimeMs,
    slackMs: Math.min(200, Math.floor(blockTimeMs / 2)),
    silentLooks: 2,
    stallMs: Math.max(STALL_SLOTS * blockTimeMs, STALL_LEAST_MS),
    verifyMs: Math.max(3 * blockTimeMs, between(VERIFY_LEAST_MS, VERIFY_SLOTS * blockTimeMs, VERIFY_MOST_MS)),
    leaseMs: Math.max(3 * blockTimeMs, LEASE_LEAST_MS),
    maxLag: 600n,
    maxSwitchoverLag: 2n,
    holdMs: 60_000,
    budgetPerHour: 12,
    cooldownMs: 60_000,
    l1FrozenMs: 120_000,
    minPeers: 1,
    boostPartialLimit: 0,
    boostPartialIntervalMs: 60_000,
    flashblocksSilentMs: Math.max(SILENT_SLOTS * blockTimeMs, SILENT_LEAST_MS),
  }
}

/** How soon Baton observes again, by the length of a slot (ms). */
export type PollTimes = {
  /** How often a leader is observed that is late, or has yet to commit. */
  readonly watchMs: number
  /** A second sample this soon after a refused connection settles it. */
  readonly confirmMs: number
  /** A head unchanged this much longer than a slot by the monitor's own clock is late, whatever the timestamps say. */
  readonly skewMs: number
  /** The time limit of one observation of a node, and of the gate's probe. */
  readonly probeMs: number
  /** The least time a planned switchover's target has for its first commit: gate and monitor take their time too. */
  readonly plannedMs: number
}

/**
 * Whether clocks of two machines can tell where in a slot a chain is. On slots shorter than a second they differ by too
 * large a share of it; only what one process has seen counts there.
 */
export const clocksCount = ({ blockTimeMs }: Pick<Policy, 'blockTimeMs'>): boolean => blockTimeMs >= 1_000

/** The poll times of a chain: those of a 2 s chain would cost a 250 ms chain four times the slots. */
export function pollTimesOf({ blockTimeMs }: Pick<Policy, 'blockTimeMs'>): PollTimes {
  return {
    watchMs: between(20, blockTimeMs / 5, 150),
    confirmMs: between(20, blockTimeMs / 10, 100),
    skewMs: between(100, 2 * blockTimeMs, 1_000),
    probeMs: between(100, blockTimeMs, 250),
    plannedMs: between(600, 4 * blockTimeMs, 1_500),
  }
}
