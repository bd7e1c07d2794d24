import { createHash } from 'node:crypto'
import type { NodeName } from '../protocol/records.ts'

/** A node of the cluster as op-conductor describes it. `suffrage`: 0 = may lead, 1 = Baton never chooses it. */
export type Member = { readonly id: NodeName; readonly addr: string; readonly suffrage: 0 | 1 }

/** The cluster as op-conductor describes it. */
export type Membership = { readonly servers: readonly Member[]; readonly version: number }

/** What membership is made of: a configured node. */
export type MemberConfig = { readonly name: NodeName; readonly noFailover: boolean; readonly consensus: string }

/**
 * The configured nodes as a cluster. `version` is the revision of the configuration: a number made from the members, so
 * every gate says the same one, and it changes when they do.
 */
export function membershipOf(nodes: readonly MemberConfig[]): Membership {
  const servers = nodes.map(
    ({ name, noFailover, consensus }): Member => ({
      id: name,
      addr: new URL(consensus).host,
      suffrage: noFailover ? 1 : 0,
    }),
  )
  const digest = createHash('sha256').update(JSON.stringify(servers)).digest()
  return { servers, version: digest.readUIntBE(0, 6) }
}

/** What op-conductor answers while no node leads. */
export const NO_LEADER: Member = { id: '', addr: '', suffrage: 0 }

/** What op-conductor answers while a node publishes by an operator's order. */
export const OVERRIDDEN = { id: 'N/A (Leader overridden)', addr: 'N/A', suffrage: 0 } as const
