import type { NodeName } from '../protocol/records.ts'

/**
 * Who calls, proved by a secret: the node of the path itself, or a person or program with the secret of a role. A
 * reader may ask; a batcher may also set the size of blocks; an operator may also act.
 */
export type Access = { readonly role: 'node'; readonly name: NodeName } | { readonly role: Role; readonly name: string }

/** The roles that have a secret of their own, each with the rights of those before it. */
export const roles = ['reader', 'batcher', 'operator'] as const

export type Role = (typeof roles)[number]

/** The one or two valid secrets of each role; a role without any has no callers. */
export type RoleSecrets = Readonly<Partial<Record<Role, readonly string[]>>>

/** Where a call arrived: at a node's path, or (without `node`) at the chain's, which answers for the leader. */
export type Place = { readonly chain: string; readonly node?: NodeName }

/** The least role that may call each method of op-conductor v1.19.6 beside the commit path. */
export const deskMethods = {
  conductor_leader: 'reader',
  conductor_leaderWithID: 'reader',
  conductor_leaderOverridden: 'reader',
  conductor_active: 'reader',
  conductor_paused: 'reader',
  conductor_stopped: 'reader',
  conductor_sequencerHealthy: 'reader',
  conductor_clusterMembership: 'reader',
  conductor_pause: 'operator',
  conductor_resume: 'operator',
  conductor_stop: 'operator',
  conductor_overrideLeader: 'operator',
  conductor_transferLeader: 'operator',
  conductor_transferLeaderToServer: 'operator',
  conductor_addServerAsVoter: 'operator',
  conductor_addServerAsNonvoter: 'operator',
  conductor_demoteVoter: 'operator',
  conductor_removeServer: 'operator',
  eth_getBlockByNumber: 'reader',
  optimism_syncStatus: 'reader',
  optimism_outputAtBlock: 'reader',
  optimism_rollupConfig: 'reader',
  admin_sequencerActive: 'reader',
  miner_setMaxDASize: 'batcher',
} as const satisfies Readonly<Record<string, Role>>

export type DeskMethod = keyof typeof deskMethods

export const isDeskMethod = (method: string): method is DeskMethod => Object.hasOwn(deskMethods, method)

/**
 * Whether a caller may use a method. A node's secret reads, and sets the size of the blocks of that node alone: at the
 * chain's path it would set that of all.
 */
export function mayCall({ role }: Access, method: DeskMethod, { node }: Place): boolean {
  const least = deskMethods[method]
  if (role === 'node') return least === 'reader' || (least === 'batcher' && node !== undefined)
  return roles.indexOf(role) >= roles.indexOf(least)
}

/** A call that the caller may make. */
export type DeskCall = Place & {
  readonly method: DeskMethod
  readonly params: readonly unknown[]
  /** Who asks, as the user name says; for the history. */
  readonly by: string
}

/**
 * Answers what op-conductor answers beside the commit path; returns the result as JSON text. It is another's work: the
 * gate itself reaches no node and no lease.
 *
 * @throws BatonError
 */
export type Desk = (call: DeskCall) => Promise<string>
