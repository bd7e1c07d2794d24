import { type Block, type BlockId, isNoBlock } from './block.ts'
import type { Decision, Ready, View } from './decision.ts'
import type { NodeConfig } from './observation.ts'
import { type Reason, reason } from './reason.ts'
import type { Actor, Head, Moved, NodeName } from './records.ts'
import { all, equals, type Write } from './write.ts'

/** What more than half of them say; `undefined` = no value has a majority. */
export function majority<T>(values: readonly T[]): T | undefined {
  return values.find((value) => values.filter((each) => each === value).length * 2 > values.length)
}

/** Nodes that take their safe chain from one source say one thing between them. */
type Voice = { readonly name: NodeName; readonly derivesFrom?: string }

const voiceOf = ({ name, derivesFrom = name }: Voice): string => derivesFrom

/** The voices of these nodes: each that derives L1 itself, and each source that some follow. */
export const voicesOf = (nodes: readonly Voice[]): string[] => [...new Set(nodes.map(voiceOf))]

/** The voices among `names`: one that several nodes share is heard when more than half of them are there. */
export function voicesAmong(nodes: readonly Voice[], names: readonly NodeName[]): string[] {
  return voicesOf(nodes).filter((voice) => {
    const those = nodes.filter((node) => voiceOf(node) === voice)
    return those.filter(({ name }) => names.includes(name)).length * 2 > those.length
  })
}

/** A head that has not moved for this much longer than a slot may have been left by the nodes. */
const STANDS_MS = 1_000

/** As many nodes as decide what the chain is: more than half of those configured. */
export const quorumOf = (nodes: readonly unknown[]): number => Math.floor(nodes.length / 2) + 1

/** Whether these nodes are enough to say what L1 gives: those that follow one source are one voice. */
export const agreeOnL1 = (nodes: readonly NodeConfig[], names: readonly NodeName[]): boolean =>
  voicesAmong(nodes, names).length >= quorumOf(voicesOf(nodes))

/** L1, by our own endpoint, has another block where the committed head derives from: every sequencer must leave it. */
export function replacedOrigin({ l1, head }: View): Reason | undefined {
  const tip = l1?.sample?.tip
  if (!head || !tip?.origin || head.l1Origin?.hash !== tip.block.l1Origin.hash) return undefined
  const { number, hash } = tip.block.l1Origin
  if (tip.origin.hash === hash) return undefined
  return reason('l1-reorg', { number: String(number), block: String(head.number), hash, canonical: tip.origin.hash })
}

/** Whether the head has not moved for so long that it may have been left, whatever terms were granted on it. */
export const stands = ({ headSeenAt, blockSeenAt = headSeenAt, now, policy }: View): boolean =>
  now - (blockSeenAt ?? now) > policy.blockTimeMs + policy.slackMs + STANDS_MS

/** Whether the leader could not be started on the head in its term. */
export const failedToStart = ({ head, observed }: View): boolean =>
  head !== undefined && observed[head.leader]?.failedStart?.term === head.term

/**
 * Nodes that have left the committed head: their chain has another block there or none, although the head
 * has stood still, its leader could not be started on it or L1 replaced its origin; or L1 gave them blocks above it.
 * Enough of them are worth asking L1 about.
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
 * Moves the head to where L1 and the nodes stand, or where an operator says, with a term nobody holds: the
 * next grant decides who goes on. Only from exactly the head that was judged. Who did it and why is part of the same
 * write: no acknowledged block is replaced without evidence, whatever fails after it.
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
 * Whether the head was moved back from this very block, or over its height: a node may stand anywhere on a branch
 * that was left, and on one of several.
 */
export const wasReverted = ({ number: height, revertedFrom: left }: Head, { number, hash }: BlockId): boolean =>
  left !== undefined && (hash === left.hash || (number > height && number < left.number))

/** What to do about a head that L1 contradicts: follow L1, unless the operator wants to decide. */
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
