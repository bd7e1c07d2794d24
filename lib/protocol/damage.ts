import type { ObservedNode, View } from './decision.ts'
import { isUnfed } from './isolation.ts'
import { APART, isShort, LOOP_MS } from './node-history.ts'
import { type Reason, reason } from './reason.ts'
import type { NodeName } from './records.ts'
import { standsShort } from './short.ts'

/** A certain sign needs no time, only a second sample. */
const CERTAIN_SAMPLES = 2
/** A sync without any movement for this long counts as no sync. */
const SYNC_MS = 240_000
/** Damage must persist this long before it is reported: a node that restarts or syncs is not damaged. */
const SETTLED_MS = 15_000
/** Ends of op-node that make a crash loop; two are enough if it has stayed away since. One may be a stop on purpose. */
const LOOP_ENDS = 3
const GIVEN_UP_ENDS = 2

/**
 * The damage a crash has left on a node, with its evidence; none for a node that works, is down, restarts, or simply
 * syncs. The usual health checks are green through most of it.
 *
 * - `state-lost`: a block above the newest one is stored: its state went with the process (op-geth#549).
 * - `state-missing`: not even the state of the newest block can be read.
 * - `not-progressing`: behind, and executes no block although everything answers.
 * - `head-fell`: its newest block is below one it had, and it does not come back on its own.
 * - `execution-short`: its execution client lost its newest blocks, and op-node still names them.
 * - `clients-disagree`: op-node names another block than its execution client has there.
 * - `crash-loop`: op-node ends again and again while its execution client is well.
 */
export function damagesOf(view: View, node: NodeName): Reason[] {
  const known = view.observed[node]
  if (!known) return []
  // A node that makes progress of any kind is not damaged, whatever it lacks in the meantime.
  if (known.history?.sync && view.now - known.history.sync.since < SYNC_MS) return crashLoop(view, node, known)
  return [
    ...stateLost(node, known),
    ...stateMissing(node, known),
    ...notProgressing(view, node, known),
    ...headFell(view, node, known),
    ...standsShort(view, node, known),
    ...clientsDisagree(view, node, known),
    ...crashLoop(view, node, known),
  ]
}

/** A tail of blocks without their state: no start and no payload helps until it is cut off. */
export function stateLost(node: NodeName, known: ObservedNode): Reason[] {
  return (known.history?.storedSamples ?? 0) < CERTAIN_SAMPLES ? [] : stateSeemsLost(node, known)
}

/** The same, as far as one sample can show. */
export function stateSeemsLost(node: NodeName, { observation: { execution }, history }: ObservedNode): Reason[] {
  if (!execution.ok) return []
  const { latest, stored, syncing, state } = execution.value
  if (!state.ok || !stored || syncing) return []
  const evidence = { number: String(latest.number), stored: String(stored.number), peak: String(history?.peak ?? '?') }
  return [reason('state-lost', evidence, node)]
}

function stateMissing(node: NodeName, { observation: { execution }, execution: window }: ObservedNode): Reason[] {
  if (!execution.ok || execution.value.state.ok || window.samples < CERTAIN_SAMPLES) return []
  return [reason('state-missing', { message: execution.value.state.message }, node)]
}

function notProgressing(view: View, node: NodeName, { observation, history }: ObservedNode): Reason[] {
  const { head, now } = view
  const { consensus, execution } = observation
  const ms = now - (history?.stillSince ?? now)
  if (!head || !consensus.ok || !execution.ok || ms < SETTLED_MS) return []
  // It lacks only blocks that no node sends: find the sender first.
  if (isUnfed(view, node)) return []
  const { latest, syncing = false } = execution.value
  return [
    reason('not-progressing', { number: String(latest.number), committed: String(head.number), ms, syncing }, node),
  ]
}

function headFell(
  { now, head }: View,
  node: NodeName,
  { observation: { execution }, history }: ObservedNode,
): Reason[] {
  const ms = now - (history?.stillSince ?? now)
  if (!execution.ok || execution.value.syncing || history?.peak === undefined || ms < SETTLED_MS) return []
  const { latest } = execution.value
  // A block it once named above everything committed never existed: the node cannot have fallen from it.
  const peak = head && history.peak > head.number ? head.number : history.peak
  if (peak - latest.number <= APART) return []
  return [reason('head-fell', { number: String(latest.number), peak: String(peak), ms }, node)]
}

function clientsDisagree({ now }: View, node: NodeName, { observation, history }: ObservedNode): Reason[] {
  const { consensus, execution } = observation
  const ms = now - (history?.apartSince ?? now)
  if (!consensus.ok || !execution.ok || ms < SETTLED_MS || isShort(observation, history?.peak)) return []
  const { unsafe } = consensus.value
  const { latest } = execution.value
  const evidence = {
    number: String(unsafe.number),
    hash: unsafe.hash,
    latest: String(latest.number),
    has: latest.hash,
    ms,
  }
  return [reason('clients-disagree', evidence, node)]
}

function crashLoop({ now }: View, node: NodeName, { observation, consensus, history }: ObservedNode): Reason[] {
  const { execution } = observation
  if (!execution.ok || !history) return []
  const ends = history.ends.filter((at) => now - at < LOOP_MS).length
  const awayMs = consensus.result === 'refused' ? now - consensus.since : 0
  if (ends < (awayMs < SETTLED_MS ? LOOP_ENDS : GIVEN_UP_ENDS)) return []
  const { latest } = execution.value
  return [reason('crash-loop', { ends, seconds: LOOP_MS / 1_000, awayMs, latest: String(latest.number) }, node)]
}
