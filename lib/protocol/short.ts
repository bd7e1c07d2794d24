import type { Command, ObservedNode, Ready, View } from './decision.ts'
import { isShort } from './node-history.ts'
import type { Policy } from './policy.ts'
import { type Reason, reason } from './reason.ts'
import type { NodeName } from './records.ts'
import { seriesKey } from './series.ts'

/** A single sample may catch a client between two answers. */
const CERTAIN_SAMPLES = 2
/** How long an insertion may take, however short the slots are, and at most, however long they are (ms). */
const [LEAST_MS, MOST_MS] = [1_000, 3_000]
/** A fenced sequencer is stopped first; one that ignores this many stops is reset all the same. */
const STOPS = 2

/** How long a client must stand below op-node before Baton acts on it (ms). */
const settledMs = ({ blockTimeMs }: Policy): number => Math.min(MOST_MS, Math.max(LEAST_MS, 2 * blockTimeMs))

/**
 * The execution client came back without its newest blocks (op-reth keeps up to fifty in memory). op-node stayed up and
 * does not notice: it tries the next block in vain and ignores blocks posted below its head. The node can build
 * nothing, although each client by itself seems healthy.
 */
export function executionShort({ now }: View, node: NodeName, { observation, history }: ObservedNode): Reason[] {
  const { consensus, execution } = observation
  if (!consensus.ok || !execution.ok || !isShort(observation, history?.peak)) return []
  const [{ unsafe }, { latest }] = [consensus.value, execution.value]
  const ms = now - (history?.short?.since ?? now)
  const short = String(unsafe.number - latest.number)
  return [reason('execution-short', { short, latest: String(latest.number), number: String(unsafe.number), ms }, node)]
}

/** The clients agree again, but the lost blocks are not back yet. */
export function refilling(node: NodeName, { observation, history }: ObservedNode): Reason[] {
  const { execution } = observation
  if (!history?.short || !execution.ok || isShort(observation, history.peak)) return []
  return [reason('refilling', { latest: String(execution.value.latest.number) }, node)]
}

const isCertain = ({ observation, history }: ObservedNode): boolean =>
  isShort(observation, history?.peak) && (history?.short?.looks ?? 0) >= CERTAIN_SAMPLES

/** The same for a leader whose block is late or whose sequencer is off, and whether more than one sample shows it. */
export function shortLeader(view: View, leader: NodeName): { why: Reason; certain: boolean } | undefined {
  const known = view.observed[leader]
  if (!known) return undefined
  const [why] = executionShort(view, leader, known)
  return why && { why, certain: isCertain(known) }
}

/** The same, for so long that no insertion under way explains it. */
export function standsShort(view: View, node: NodeName, known: ObservedNode): Reason[] {
  const settled = view.now - (known.history?.short?.since ?? view.now) >= settledMs(view.policy)
  return settled && isCertain(known) ? executionShort(view, node, known) : []
}

/**
 * Frees such a node: op-node goes back to its execution client's head, and is given the committed blocks above it. A
 * node that does not lead takes no harm. A leader gets this help only if it commits nothing and nothing else can help
 * (`helpless`). A fenced sequencer is stopped first and given nothing before. This function stops it, too:
 * while no leader commits (`led` is false) nothing else does, and it may be the only node that remains.
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
    // What it names above the head may be a published block: keep the only trace of it.
    const { consensus } = known.observation
    if (!consensus.ok || consensus.value.unsafe.number > head.number || reasons.length === 0) return []
    return [{ act: 'reset-derivation', node: name, reasons }]
  })
}

/** It still sequences, and may yet obey a stop. */
function isToStop({ acts }: View, node: NodeName, { observation: { consensus } }: ObservedNode): boolean {
  return consensus.ok && consensus.value.sequencing && (acts?.[seriesKey('stop', node)]?.count ?? 0) < STOPS
}
