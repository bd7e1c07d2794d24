import type { Command, Ready } from './decision.ts'
import { wasReverted } from './follow-l1.ts'
import { reason } from './reason.ts'
import type { SharedCause } from './shared-cause.ts'

/** L1 blocks in which a node sees by itself that L1 replaced one. */
const NOTICED_IN = 2

/**
 * Nodes that stand on a block L1 took back and do not notice: op-node asks L1 about its head only when it resets, and
 * may have been told the old chain then. It would stay there until a batch contradicts it, and none comes from a
 * chain that waits for it. They are asked to look again.
 */
export function observeAgain(
  { head, headSeenAt = Number.POSITIVE_INFINITY, blockSeenAt = headSeenAt, now, lease, l1, nodes, observed }: Ready,
  shared?: SharedCause,
): Command[] {
  if (lease.mode === 'paused' || !l1) return []
  // Whatever terms were granted on it meanwhile.
  const standsMs = now - blockSeenAt
  const orphaned = shared?.reason.code === 'l1-reorg' && standsMs > NOTICED_IN * l1.limits.slotMs
  return nodes.flatMap(({ name }): Command[] => {
    const consensus = observed[name]?.observation.consensus
    if (!consensus?.ok) return []
    const { number, hash } = consensus.value.unsafe
    const stuck = (number > head.number && wasReverted(head, { number, hash })) || (orphaned && hash === head.hash)
    const reasons = [reason('taken-back', { number: String(number), hash }, name)]
    return stuck ? [{ act: 'reset-derivation', node: name, reasons }] : []
  })
}
