import type { Answers } from './answers.ts'

/**
 * How many parameters op-conductor v1.19.6 takes. Its server refuses more, and so does Baton: `conductor_transferLeader`
 * with a name means another method, and must not move sequencing to any node.
 */
export const mostParams: Readonly<Record<keyof Answers, number>> = {
  conductor_leader: 0,
  conductor_leaderWithID: 0,
  conductor_leaderOverridden: 0,
  conductor_active: 0,
  conductor_paused: 0,
  conductor_stopped: 0,
  conductor_sequencerHealthy: 0,
  conductor_clusterMembership: 0,
  conductor_pause: 0,
  conductor_resume: 0,
  conductor_stop: 0,
  conductor_overrideLeader: 1,
  conductor_transferLeader: 0,
  conductor_transferLeaderToServer: 2,
  conductor_addServerAsVoter: 3,
  conductor_addServerAsNonvoter: 3,
  conductor_demoteVoter: 2,
  conductor_removeServer: 2,
}
