import { type Block, type BlockId, isNoBlock } from './block.ts'
import type { Decision, Ready, View } from './decision.ts'
import type { NodeConfig } from './observation.ts'
import { type Reason, reason } from './reason.ts'
import type { Actor, Head, Moved, NodeName } from './records.ts'
import { all, equals, type Write } from './write.ts'

/** The value of more than half of them; `undefined` = no majority. */
export function majority<T>(values: readonly T[]): T | undefined {
  return values.find((value) => values.filter((each) => each === value).length * 2 > values.length)
}

/** Nodes that take their safe chain from one source count as one voice. */
type Voice = { readonly name: NodeName; readonly derivesFrom?: string }

const voiceOf = ({ name, derivesFrom = name }: Voice): string => derivesFrom

/** The voices of these nodes: one for each node that derives L1 itself, and one for each source that nodes follow. */
export const voicesOf = (nodes: readonly Voice[]): string[] => [...new Set(nodes.map(voiceOf))]

/** The voices among `names`: a shared voice counts when more than half of its nodes are among them. */
export function voicesAmong(nodes: readonly Voice[], names: readonly NodeName[]): string[] {
  return voicesOf(nodes).filter((voice) => {
    const those = nodes.filter((node) => voiceOf(node) === voice)
    return those.filter(({ name }) => names.includes(name)).length * 2 > those.length
  })
}

/** Nodes may have left a head that has not moved for this much longer than a slot. */
const STANDS_MS = 1_000

/** The number of nodes that decides what the chain is: more than half of those configured. */
export const quorumOf = (nodes: readonly unknown[]): number => Math.floor(nodes.length / 2) + 1

/** Whether these nodes are enough to establish what L1 gives: all that follow one source are one voice. */
export const agreeOnL1 = (nodes: readonly NodeConfig[], names: readonly NodeName[]): boolean =>
  voicesAmong(nodes, names).length >= quorumOf(voicesOf(nodes))

/** Our own endpoint shows another L1 block at the committed head's origin: every sequencer must leave that head. */
export function replacedOrigin({ l1, head }: View): Reason | undefined {
  const tip = l1?.sample?.tip
  if (!head || !tip?.origin || head.l1Origin?.hash !== tip.block.l1Origin.hash) return undefined
  const { number, hash } = tip.block.l1Origin
  if (tip.origin.hash === hash) return undefined
  return reason('l1-reorg', { number: String(number), block: String(head.number), hash, canonical: tip.origin.hash })
}

/** Whether the head has stood still so long that nodes may have left it, whatever terms were granted on it. */
export const stands = ({ headSeenAt, blockSeenAt = headSeenAt, now, policy }: View): boolean =>
  now - (blockSeenAt ?? now) > policy.blockTimeMs + policy.slackMs + STANDS_MS

/** Whether the leader failed to start on the head in its term. */
export const failedToStart = ({ head, observed }: View): boolean =>
  head !== undefined && observed[head.leader]?.failedStart?.term === head.term

/**
 * Nodes that have left the committed head. Either L1 gave them blocks above it, or their chain has another block there
 * or none, although the head has stood still, its leader failed to start on it or L1 replaced its origin.
 * Returned only if they are enough to ask L1 about.
 */
export function deserters(view: View): NodeName[] {
  const { head, nodes, observed } = view
  if (!head) return []
  const late = stands(view) || failedToStart(view) || replacedOrigin(view) !== undefined
  const left = nodes.flatMap(({ name }) => {
    const sample = observed[name]?.observation
    // A head of zeros: op-node has not loaded its chain yet.
    if (!sample?.consensus.ok || !sample.execution.ok || isNoBlock(sample.consensus.value.unsafe.hash)) return []
    const { at } = sample.execution.value
    // op-node goes back first: its execution client keeps its head until the next block is built or derived.
    const back = sample.consensus.value.unsafe.number < head.number
    const gone = late && (back || (at?.number === head.number && at.hash !== head.hash))
    return gone || sample.consensus.value.safe.number > head.number ? [name] : []
  })
  return agreeOnL1(nodes, left) ? left : []
}

/**
 * Moves the head to where L1 and the nodes stand, or to the operator's choice, under a term without a leader. The next
 * grant decides which node continues. The move applies only to the head that was judged. The same write records who
 * moved it and why: no acknowledged block is replaced without evidence, whatever fails afterwards.
 */
export function moveHead(head: Head, block: Block, at: number, by: Actor, why: Reason): Write<Head> {
  const { number, hash, parentHash, term } = head
  const to = { number: block.number, hash: block.hash }
  const moved: Moved = { from: { number, hash }, to, by, at, why }
  const left = head.revertedFrom && head.revertedFrom.number > number ? head.revertedFrom : { number, hash, parentHash }
  return {
    set: {
      ...block,
      leader: '',
      term: term + 1,
      committedTerm: 0,
      committedAt: at,
      fencedAt: at,
      revertedFrom: left,
      moved,
    },
    remove: ['payload', 'payloadRef', ...(block.l1Origin ? [] : ['l1Origin' as const])],
    when: all(equals('term', term), equals('number', number), equals('hash', hash)),
  }
}

/**
 * Whether the head was moved back from this very block, or past its height: a node may stand anywhere on an abandoned
 * branch, and there may be several.
 */
export const wasReverted = ({ number: height, revertedFrom: left }: Head, { number, hash }: BlockId): boolean =>
  left !== undefined && (hash === left.hash || (number > height && number < left.number))

/** Decides about a head that L1 contradicts: follow L1, unless the mode leaves the decision to the operator. */
export function decideContradiction({ head, lease, contradiction }: Ready): Omit<Decision, 'verdicts'> | undefined {
  if (!contradiction || contradiction.of.hash !== head.hash || contradiction.of.term !== head.term) return undefined
  const { block, why } = contradiction
  const to = reason('follow-l1', {
    number: String(block.number),
    hash: block.hash,
    from: String(head.number),
    fromHash: head.hash,
  })
  if (lease.mode !== 'auto') {
    const mode =
      lease.mode === 'paused'
        ? reason('paused', { by: lease.modeBy })
        : reason('held', { by: lease.modeBy }, lease.leader)
    return { condition: 'halted', commands: [], reasons: [why, mode], page: [why, mode] }
  }
  return {
    condition: 'moving',
    commands: [{ act: 'follow-l1', block, reasons: [to, why] }],
    reasons: [to, why],
    page: [why],
  }
}
