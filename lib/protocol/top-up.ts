import { isNoBlock } from './block.ts'
import { abandoned } from './branch.ts'
import type { Command, ObservedNode, Ready, View } from './decision.ts'
import { APART, isShort, onlyGenesis } from './node-history.ts'
import type { ConsensusView } from './observation.ts'
import { kindOf } from './quarantine.ts'
import { type Reason, reason } from './reason.ts'
import type { Head, Lease, NodeName } from './records.ts'
import { promiseReasons } from './uncommitted.ts'

/**
 * Keeps standbys at the head. Consensus clients no longer fetch missed blocks from each other: one that lacks a block
 * waits for L1, and takes no newer block until then. Baton has every committed payload, and posting them in order is
 * harmless in every recovery mode.
 */

/** Blocks a node was given that it takes from no other source. Forgotten as soon as it has a newer block. */
export type Fed = {
  /** Since when it takes no block on its own (Unix ms). */
  readonly since: number
  /** The newest block it was given. */
  readonly upTo: bigint
  /** How often it has been brought to the head since. */
  readonly rounds: number
}

/** This many blocks behind is more than gossip that is a block late. */
const BEHIND = 3n
/** A node this far behind has missed blocks: they are not only late. */
const FAR = 16n
/** Further behind than this a node derives, syncs, or is backfilled: a day of 2 s blocks. */
const MOST = 43_200n
/** A client that never had a block fetches a longer chain than this from its peers: it must not execute it from here. */
const MOST_FROM_GENESIS = 128n
/** A node has this long, and two slots, to catch up on its own (ms). */
const SETTLE_MS = 3_000

/** Top-ups that are due now. */
export function topUps(view: Ready): Command[] {
  if (view.lease.mode === 'paused' || view.lease.term !== view.head.term) return []
  return view.nodes.flatMap(({ name }): Command[] => {
    const gap = lacking(view, name)
    const due =
      gap && (isFed(gap.known, gap.at) || hasFallen(gap.known) || hasLost(gap.known) || hasSettled(view, gap.known))
    return due ? [{ act: 'top-up', node: name, reasons: [reason('falls-behind', evidenceOf(gap), name)] }] : []
  })
}

/** The report on a standby on its way to the head; none for one that is late by a few blocks of gossip. */
export function catchingUp(view: View, node: NodeName): Reason[] {
  const { head, lease } = view
  const gap = head && lease && lacking({ ...view, head, lease }, node)
  if (!gap || !(isFed(gap.known, gap.at) || gap.left >= FAR || hasSettled(view, gap.known))) return []
  return [reason('catching-up', evidenceOf(gap), node)]
}

/** Whether it has nothing beyond the blocks it was given. */
export const isFed = ({ fed }: ObservedNode, { unsafe }: ConsensusView): boolean =>
  fed !== undefined && unsafe.number <= fed.upTo

/** Forgets the given blocks once the node takes blocks on its own again. */
export function followFed(fed: Fed | undefined, { unsafe }: ConsensusView): Fed | undefined {
  return fed && unsafe.number <= fed.upTo ? fed : undefined
}

type Lacking = { readonly known: ObservedNode; readonly at: ConsensusView; readonly left: bigint }

const evidenceOf = ({ at, left }: Lacking) => ({ number: String(at.unsafe.number), left: String(left) })

/** A healthy standby that lacks blocks posting can bring; `undefined` = posting does not apply. */
function lacking(view: Ready, node: NodeName): Lacking | undefined {
  const { head, lease, observed } = view
  const known = observed[node]
  if (!known || node === head.leader || node === lease.leader || isExcluded(lease, node)) return undefined
  const { consensus, execution } = known.observation
  if (!consensus.ok || !execution.ok || !(hasLost(known) ? isSound(known) : isWell(known))) return undefined
  const at = consensus.value
  // On such a client any posted block becomes the newest one.
  if (promiseReasons(node, known).length > 0) return undefined
  // Nothing that was committed links to its blocks.
  if (abandoned(head, known)) return undefined
  // Without its execution client's blocks op-node takes posted blocks for old ones: damage of another kind.
  if (at.sequencing || isNoBlock(at.unsafe.hash) || isShort(known.observation, known.history?.peak)) return undefined
  const left = gap(head, at)
  const isNew = !hasLost(known) && !hasFallen(known) && onlyGenesis(view, node, known).length > 0
  if (isNew && left > MOST_FROM_GENESIS) return undefined
  return left >= (hasLost(known) ? 1n : BEHIND) && left <= MOST ? { known, at, left } : undefined
}

const gap = (head: Head, { unsafe }: ConsensusView) => head.number - unsafe.number

/** An upgrade quarantines a node until it is at the head again; in every other quarantine a person may work on it. */
export function isExcluded({ quarantine }: Lease, node: NodeName): boolean {
  const entry = quarantine[node]
  return entry !== undefined && kindOf(entry) !== 'upgrade'
}

/** A node that lost its state has other reasons. */
const isSound = ({ observation: { execution } }: ObservedNode): boolean =>
  execution.ok && execution.value.state.ok && !execution.value.stored

/** A node that syncs has others, too. */
export function isWell(known: ObservedNode): boolean {
  const { execution } = known.observation
  return isSound(known) && execution.ok && !execution.value.syncing && !known.history?.sync
}

/** It lost blocks: gossip does not bring them back. */
function hasFallen({ observation: { execution }, history }: ObservedNode): boolean {
  return execution.ok && history?.peak !== undefined && history.peak > execution.value.latest.number + APART
}

/** Its execution client came back without them, and its op-node was reset to that point. */
const hasLost = ({ history }: ObservedNode): boolean => history?.short !== undefined

function hasSettled({ now, policy }: View, { history }: ObservedNode): boolean {
  const since = history?.stillSince
  return since !== undefined && now - since >= Math.max(SETTLE_MS, 2 * policy.blockTimeMs)
}
