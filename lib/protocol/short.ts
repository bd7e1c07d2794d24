import type { Command, ObservedNode, Ready, View } from './decision.ts'
import { isShort } from './node-history.ts'
import type { Policy } from './policy.ts'
import { type Reason, reason } from './reason.ts'
import type { NodeName } from './records.ts'
import { seriesKey } from './series.ts'

/** One look may catch a client between two answers. */
const CERTAIN_SAMPLES = 2
/** What an insertion may take, however short the slots are, and what is long enough, however long they are (ms). */
const [LEAST_MS, MOST_MS] = [1_000, 3_000]
/** A fenced sequencer is stopped first; one that ignores so many stops is reset all the same. */
const STOPS = 2

/** How long a client must have stood short of op-node before anything is done about it (ms). */
const settledMs = ({ blockTimeMs }: Policy): number => Math.min(MOST_MS, Math.max(LEAST_MS, 2 * blockTimeMs))

/**
 * Its execution client came back without its newest blocks (op-reth keeps up to fifty in memory), and op-node, which
 * lived on, does not notice: it tries the next block in vain and ignores what it is given below its head. Nothing can
 * be built there, however healthy either client looks.
 */
export function executionShort({ now }: View, node: NodeName, { observation, history }: ObservedNode): Reason[] {
  const { consensus, execution } = observation
  if (!consensus.ok || !execution.ok || !isShort(observation)) return []
  const [{ unsafe }, { latest }] = [consensus.value, execution.value]
  const ms = now - (history?.short?.since ?? now)
  const short = String(unsafe.number - latest.number)
  return [reason('execution-short', { short, latest: String(latest.number), number: String(unsafe.number), ms }, node)]
}

/** The clients agree again, and the blocks that were lost are not back yet. */
export function refilling(node: NodeName, { observation, history }: ObservedNode): Reason[] {
  const { execution } = observation
  if (!history?.short || !execution.ok || isShort(observation)) return []
  return [reason('refilling', { latest: String(execution.value.latest.number) }, node)]
}

const isCertain = ({ observation, history }: ObservedNode): boolean =>
  isShort(observation) && (history?.short?.looks ?? 0) >= CERTAIN_SAMPLES

/** The same of a leader whose block is late or whose sequencer is off, and whether more than one look says so. */
export function shortLeader(view: View, leader: NodeName): { why: Reason; certain: boolean } | undefined {
  const known = view.observed[leader]
  if (!known) return undefined
  const [why] = executionShort(view, leader, known)
  return why && { why, certain: isCertain(known) }
}

/** The same for so long that no insertion under way explains it. */
export function standsShort(view: View, node: NodeName, known: ObservedNode): Reason[] {
  const settled = view.now - (known.history?.short?.since ?? view.now) >= settledMs(view.policy)
  return settled && isCertain(known) ? executionShort(view, node, known) : []
}

/**
 * What frees such a node: op-node goes back to what its execution client has, and is given the committed blocks from
 * there. It harms nothing on a node that does not lead. A leader is helped only if it commits nothing and nothing else
 * can be done about it (`helpless`). A fenced sequencer is stopped first, and given nothing before: here as well, for
 * while no leader commits (`led`) it may be all that is left, and is stopped by nothing else.
 */
export function repairShort(view: Ready, { led = false, helpless = false } = {}): Command[] {
  const { lease, head, nodes, observed } = view
  if (lease.mode === 'paused') return []
  return nodes.flatMap(({ name }): Command[] => {
    const known = observed[name]
    if (!known || lease.quarantine[name]) return []
    if (name === head.leader && !helpless) return []
    const reasons = standsShort(view, name, known)
    if (name !== head.leader && isToStop(view, name, known)) {
      const why = [...reasons, ...refilling(name, known)]
      return led || why.length === 0 ? [] : [{ act: 'stop', node: name, reasons: why }]
    }
    // What it names above the head may be a block that somebody published: the only trace of it must stay.
    const { consensus } = known.observation
    if (!consensus.ok || consensus.value.unsafe.number > head.number || reasons.length === 0) return []
    return [{ act: 'reset-derivation', node: name, reasons }]
  })
}

/** It still sequences, and there is hope that it stops when it is asked to. */
function isToStop({ acts }: View, node: NodeName, { observation: { consensus } }: ObservedNode): boolean {
  return consensus.ok && consensus.value.sequencing && (acts?.[seriesKey('stop', node)]?.count ?? 0) < STOPS
}
