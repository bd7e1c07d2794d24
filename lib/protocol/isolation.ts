import { isNoBlock } from './block.ts'
import type { ObservedNode, View } from './decision.ts'
import type { ConsensusView } from './observation.ts'
import { type Reason, reason } from './reason.ts'
import type { Head, NodeName } from './records.ts'
import { isFed, isWell } from './top-up.ts'

/** This many blocks behind is more than gossip that is a block late. */
const BEHIND = 3n
/** Gossip may delay blocks for this long, however short the slots are (ms). */
const GOSSIP_MS = 3_000
/** A single standby that stands still counts as damaged itself after this long: no other node can confirm it. */
const DOUBT_MS = 60_000

/** A leader whose blocks reach no other node; `sure`: several nodes show it, or the leader has no peers itself. */
export type Isolation = {
  readonly reason: Reason
  readonly sure: boolean
  readonly stillMs: number
  /** It has no peers itself. With peers, they may refuse its blocks, and none of them could continue from there. */
  readonly alone: boolean
}

/** Another node that answers, and what it shows of the leader's blocks. */
type Witness = {
  readonly node: NodeName
  readonly at: ConsensusView
  /** For how long it has taken none of several committed blocks (ms); absent = it takes them. */
  readonly stillMs?: number
}

/**
 * Whether the committed blocks fail to leave their author: no other node that answers has taken one for about three
 * slots. Standbys that stand still point to the leader first, because they cannot have what no node sends. Replicas
 * unknown to Baton stand still as well. On a chain of one node nothing can show it.
 */
export function isolatedLeader(view: View): Isolation | undefined {
  const { head, policy } = view
  const leader = head && consensusOf(view.observed[head.leader])
  if (!head || !leader || head.committedTerm !== head.term) return undefined
  const alone = leader.peers !== undefined && leader.peers < policy.minPeers
  // A witness without peers of its own proves nothing, unless no node has any.
  const witnesses = witnessesOf(view, head).filter(({ at }) => alone || at.peers !== 0)
  if (witnesses.length === 0 || witnesses.some(({ stillMs }) => stillMs === undefined)) return undefined
  const stillMs = Math.min(...witnesses.map((witness) => witness.stillMs ?? 0))
  const names = witnesses.map(({ node }) => node).join(', ')
  const evidence = { nodes: names, stillMs, peers: leader.peers ?? 'an unknown number of' }
  return { reason: reason('isolated', evidence, head.leader), sure: alone || witnesses.length > 1, stillMs, alone }
}

/** Whether a node that stands still lacks only blocks that no node sends it: then it is not damaged. */
export function isUnfed(view: View, node: NodeName): boolean {
  const { head, observed } = view
  if (!head || node === head.leader) return false
  if (consensusOf(observed[node])?.peers === 0) return true
  const isolation = isolatedLeader(view)
  return isolation !== undefined && (isolation.sure || isolation.stillMs < DOUBT_MS)
}

/** Standbys that stand still because they have no peers, while the leader's blocks reach others. */
export function withoutPeers(view: View): Reason[] {
  const { head } = view
  if (!head || isolatedLeader(view)) return []
  return witnessesOf(view, head).flatMap(({ node, at, stillMs }) =>
    at.peers === 0 && stillMs !== undefined ? [reason('no-peers', { number: String(at.unsafe.number) }, node)] : [],
  )
}

/** A leader with fewer peers than its policy asks for, though its blocks arrive. */
export function fewPeers({ head, observed, nodes, policy }: View): Reason[] {
  const peers = head && consensusOf(observed[head.leader])?.peers
  if (!head || peers === undefined || peers === 0 || peers >= policy.minPeers || nodes.length < 2) return []
  return [reason('few-peers', { peers, min: policy.minPeers }, head.leader)]
}

const consensusOf = (known: ObservedNode | undefined): ConsensusView | undefined => {
  const consensus = known?.observation.consensus
  return consensus?.ok ? consensus.value : undefined
}

/** The other nodes that answer with both clients, have loaded their chain, follow by gossip and are well. */
function witnessesOf(view: View, head: Head): Witness[] {
  return view.nodes.flatMap(({ name }) => {
    const known = view.observed[name]
    const at = consensusOf(known)
    if (name === head.leader || !known || !at || view.lease?.quarantine[name] || isNoBlock(at.unsafe.hash)) return []
    return isWell(known) && !known.history?.short && follows(at, head, view) ? witness(view, head, name, known, at) : []
  })
}

/** It had the head of this term's start, and not only from L1: what it lacks, this leader made. */
function follows({ unsafe, safe }: ConsensusView, head: Head, { policy }: View): boolean {
  const next = Number(unsafe.timestamp) * 1_000 + 2 * policy.blockTimeMs
  return next >= head.fencedAt && (unsafe.number > safe.number || unsafe.number === 0n)
}

function witness({ now, policy }: View, head: Head, node: NodeName, known: ObservedNode, at: ConsensusView): Witness[] {
  const fed = isFed(known, at) ? known.fed : undefined
  const behind = head.number - at.unsafe.number >= BEHIND
  // Blocks that Baton gave it are not from the leader. Just brought to the head, it has yet to take blocks on its own.
  if (fed && !behind && fed.rounds < 2) return []
  const since = fed?.since ?? known.history?.stillSince
  const settleMs = Math.max(policy.blockTimeMs, GOSSIP_MS - Number(BEHIND) * policy.blockTimeMs)
  const missed = (behind || fed !== undefined) && since !== undefined && now - since >= settleMs
  return [missed ? { node, at, stillMs: now - since } : { node, at }]
}
