import type { View } from './decision.ts'
import type { Policy } from './policy.ts'
import { type Reason, reason } from './reason.ts'
import type { NodeName } from './records.ts'

/**
 * What rollup-boost says of itself. `partial`: its builder is down, the execution client behind it is not. `unhealthy`:
 * both are down. `down`: it does not answer.
 */
export type BoostHealth = 'healthy' | 'partial' | 'unhealthy' | 'down'

/** One answer of a health endpoint. `at` in ms, on any clock that is not set. */
export type BoostSample = { readonly health: BoostHealth; readonly message?: string; readonly at: number }

/** The current run of equal findings; a tolerated partial answer counts as healthy. Times in ms. */
export type BoostWindow = {
  readonly health: BoostHealth
  readonly message?: string
  readonly since: number
  readonly samples: number
  /** The partial answers tolerated in an interval, as op-conductor counts them: from zero in each interval. */
  readonly tolerated: { readonly interval: number; readonly count: number }
}

/** A node's flashblocks stream. Times in ms. */
export type FlashblocksStream = {
  readonly open: boolean
  /** Since when it is open, or closed. */
  readonly since: number
  /** When the newest flashblock arrived; absent = none yet. */
  readonly heardAt?: number
  /** Why it is closed. */
  readonly message?: string
}

/** What is known of the block building beside a node's own client; a part that is not configured is absent. */
export type Builder = {
  readonly boost?: BoostWindow
  readonly stream?: FlashblocksStream
  /** Whether the node has a flashblocks stream: not every process listens to it. */
  readonly streams: boolean
}

/** The tolerance of partial health, by op-conductor's two options. */
type Tolerance = Pick<Policy, 'boostPartialLimit' | 'boostPartialIntervalMs'>

/** Adds an answer to the run of findings. */
export function followBoost(past: BoostWindow | undefined, sample: BoostSample, policy: Tolerance): BoostWindow {
  const { health: said, message, at } = sample
  const interval = Math.floor(at / policy.boostPartialIntervalMs)
  const count = past?.tolerated.interval === interval ? past.tolerated.count : 0
  const tolerates = said === 'partial' && count < policy.boostPartialLimit
  const health = tolerates ? 'healthy' : said
  const same = past?.health === health
  return {
    health,
    ...(message !== undefined && !tolerates && { message }),
    since: same ? past.since : at,
    samples: same ? past.samples + 1 : 1,
    tolerated: { interval, count: tolerates ? count + 1 : count },
  }
}

/** Answers in a row that settle a finding: one may be a restart, or a request that was lost. */
const SETTLED = 2

/**
 * What is wrong with the block building beside a node. Blocks come without it, from the execution client alone, so it
 * excludes no node from a failover: Baton prefers another one.
 */
export function builderReasons(view: View, node: NodeName): Reason[] {
  const known = view.builders?.[node]
  return known ? [...boostReasons(view, node, known), ...streamReasons(view, node, known)] : []
}

function boostReasons({ now }: View, node: NodeName, { boost }: Builder): Reason[] {
  if (!boost || boost.health === 'healthy' || boost.samples < SETTLED) return []
  const { health, message = 'no answer', since } = boost
  return [reason(`boost-${health}`, { ageMs: now - since, ...(health === 'down' && { message }) }, node)]
}

/** Only the leader streams: a standby's stream must be open, the leader's must speak while it commits. */
function streamReasons({ head, now, policy }: View, node: NodeName, { stream }: Builder): Reason[] {
  if (!stream) return []
  const { open, since, heardAt = 0, message = 'no answer' } = stream
  if (!open && now - since > policy.flashblocksSilentMs)
    return [reason('flashblocks-down', { ageMs: now - since, message }, node)]
  if (head?.leader !== node || head.committedTerm !== head.term) return []
  // Without blocks there is nothing to stream: only blocks committed in silence count.
  const quietMs = head.committedAt - Math.max(heardAt, since, head.fencedAt)
  return quietMs > policy.flashblocksSilentMs ? [reason('flashblocks-silent', { ageMs: quietMs }, node)] : []
}

/** Whether a node is known to build with its builder and to stream, as far as it is configured to. */
export function buildsWell(view: View, node: NodeName): boolean {
  const known = view.builders?.[node]
  if (!known || (!known.boost && !known.stream)) return false
  const { boost, stream } = known
  const healthy = !boost || (boost.health === 'healthy' && boost.samples >= SETTLED)
  return healthy && stream?.open !== false && builderReasons(view, node).length === 0
}
