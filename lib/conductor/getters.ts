import { overriddenNode } from '../protocol/quarantine.ts'
import type { Head, Lease } from '../protocol/records.ts'
import type { Answers } from './answers.ts'
import { NO_LEADER, OVERRIDDEN } from './membership.ts'

type Getter =
  | 'conductor_leader'
  | 'conductor_leaderWithID'
  | 'conductor_leaderOverridden'
  | 'conductor_active'
  | 'conductor_paused'
  | 'conductor_stopped'
  | 'conductor_sequencerHealthy'
  | 'conductor_clusterMembership'

/** op-conductor's getters. Baton is paused for the whole chain; the rest is about the node of the path. */
export const getterAnswers: Pick<Answers, Getter> = {
  /** At the chain's path: whether there is a leader, since that path answers for it. */
  conductor_leader: async ({ head }, { node }) => leads(await head(), node),
  conductor_leaderWithID: async ({ head, lease, membership }, { node }) => {
    const [held, ordered] = await Promise.all([head(), lease()])
    if (isOverridden(ordered, node)) return OVERRIDDEN
    if (!held?.leader) return NO_LEADER
    // A sidecar may be configured with its own node alone.
    return membership.servers.find(({ id }) => id === held.leader) ?? { ...NO_LEADER, id: held.leader }
  },
  conductor_leaderOverridden: async ({ lease }, { node }) => isOverridden(await lease(), node),
  conductor_active: async ({ lease }) => !isPaused(await lease()),
  conductor_paused: async ({ lease }) => isPaused(await lease()),
  /** A gate that answers is not stopped. */
  conductor_stopped: async () => false,
  conductor_sequencerHealthy: async ({ head, healthy }, { node }) => {
    const about = node ?? (await head())?.leader
    return about ? ((await healthy(about)) ?? false) : false
  },
  conductor_clusterMembership: async ({ membership }) => membership,
}

const leads = (head: Head | undefined, node: string | undefined): boolean =>
  node === undefined ? Boolean(head?.leader) : head?.leader === node

/** A hold is no pause: Baton still restarts the leader. */
const isPaused = (lease: Lease | undefined): boolean => lease?.mode === 'paused'

/** Whether the node publishes without commits by an operator's order; at the chain's path, whether any does. */
export function isOverridden(lease: Lease | undefined, node: string | undefined): boolean {
  const found = overriddenNode(lease?.quarantine)
  return found !== undefined && (node === undefined || found.node === node)
}
