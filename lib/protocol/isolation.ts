import { isNoBlock } from './block.ts'
import type { ObservedNode, View } from './decision.ts'
import type { ConsensusView } from './observation.ts'
import { type Reason, reason } from './reason.ts'
import type { Head, NodeName } from './records.ts'
import { isFed, isWell } from './top-up.ts'

/** So many blocks behind is more than gossip that is a block late. */
const BEHIND = 3n
/** Blocks that arrive by gossip may be slow for so long, however short the slots are (ms). */
const GOSSIP_MS = 3_000
/** Where a single standby stands still, it is called damaged itself after this long: nobody else can tell. */
const DOUBT_MS = 60_000

/** A leader whose blocks reach no other node; `sure`: not only one of them says so, or it has no peers itself. */
export type Isolation = {
  readonly reason: Reason
  readonly sure: boolean
  readonly stillMs: number
  /** It has no peers itself. With peers the others may refuse its blocks, and none of them could go on from there. */
  readonly alone: boolean
}

/** Another node that answers, as far as it tells of the leader's blocks. */
type Witness = {
  readonly node: NodeName
  readonly at: ConsensusView
  /** For how long it has not taken any of several committed blocks (ms); absent = it takes them. */
  readonly stillMs?: number
}

/**
 * Whether the committed blocks leave their author: of all others that answer none has taken one for about three
 * slots. Standbys that stand still are the leader's trouble first, for nobody has what nobody sends; replicas that
 * Baton does not know of stand still as well. A chain of one node has nobody to tell.
 */
export function isolatedLeader(view: View): Isolation | undefined {
  const { head, policy } = view
  const leader = head && consensusOf(view.observed[head.leader])
  if (!head || !leader || head.committedTerm !== head.term) return undefined
  const alone = leader.peers !== undefined && leader.peers < policy.minPeers
  // One without peers of its own tells nothing, unless nobody has any.
  const witnesses = witnessesOf(view, head).filter(({ at }) => alone || at.peers !== 0)
  if (witnesses.length === 0 || witnesses.some(({ stillMs }) => stillMs === undefined)) return undefined
  const stillMs = Math.min(...witnesses.map((witness) => witness.stillMs ?? 0))
  const names = witnesses.map(({ node }) => node).join(', ')
  const evidence = { nodes: names, stillMs, peers: leader.peers ?? 'an unknown number of' }
  return { reason: reason('isolated', evidence, head.leader), sure: alone || witnesses.length > 1, stillMs, alone }
}

/** Whether a node that stands still lacks only what nobody sends it: it is not damaged then. */
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

/** The others that answer with both clients, have loaded their chain, follow by gossip and are well. */
function witnessesOf(view: View, head: Head): Witness[] {
  return view.nodes.flatMap(({ name }) => {
    const known = view.observed[name]
    const at = consensusOf(known)
    if (name === head.leader || !known || !at || view.lease?.quarantine[name] || isNoBlock(at.unsafe.hash)) return []
    return isWell(known) && !known.history?.short && follows(at, head, view) ? witness(view, head, name, known, at) : []
  })
}

/** It had what was committed when this term began, and not only what L1 gave it: what it lacks, this leader made. */
function follows({ unsafe, safe }: ConsensusView, head: Head, { policy }: View): boolean {
  const next = Number(unsafe.timestamp) * 1_000 + 2 * policy.blockTimeMs
  return next >= head.fencedAt && (unsafe.number > safe.number || unsafe.number === 0n)
}

function witness({ now, policy }: View, head: Head, node: NodeName, known: ObservedNode, at: ConsensusView): Witness[] {
  const fed = isFed(known, at) ? known.fed : undefined
  const behind = head.number - at.unsafe.number >= BEHIND
  // What Baton gave it is not from the leader. Just brought to the head, it has yet to show what it takes by itself.
  if (fed && !behind && fed.rounds < 2) return []
  const since = fed?.since ?? known.history?.stillSince
  const settleMs = Math.max(policy.blockTimeMs, GOSSIP_MS - Number(BEHIND) * policy.blockTimeMs)
  const missed = (behind || fed !== undefined) && since !== undefined && now - since >= settleMs
  return [missed ? { node, at, stillMs: now - since } : { node, at }]
}
