import { chainReset } from './chain-reset.ts'
import type { Command, Ready, View } from './decision.ts'
import { replacedOrigin, wasReverted } from './follow-l1.ts'
import type { Answer } from './observation.ts'
import { type Reason, reason } from './reason.ts'
import { isExcluded } from './top-up.ts'
import { publishedAbove } from './uncommitted.ts'
import { youngestL1Ms } from './witnesses.ts'

/** A cause all nodes share. Moving sequencing would not help, so Baton moves nothing because of it. */
export type SharedCause = {
  readonly reason: Reason
  /** `all`: move and start nothing at all; `soft`: only proof that the leader is gone still counts. */
  readonly blocks: 'all' | 'soft'
}

/** Finds a cause beyond the single node, gravest first. */
export function findSharedCause(view: View): SharedCause | undefined {
  const reset = chainReset(view)
  if (reset) return { reason: reset, blocks: 'all' }
  const samples = view.nodes.flatMap(({ name }) => view.observed[name]?.observation ?? [])
  const unanswered = samples.filter(({ consensus, execution }) => isUnanswered(consensus) && isUnanswered(execution))
  if (view.nodes.length > 1 && unanswered.length === view.nodes.length)
    return { reason: reason('cut-off'), blocks: 'all' }
  if (view.gate && !view.gate.ok) return { reason: reason('ingress', { message: view.gate.message }), blocks: 'all' }

  const published = publishedAbove(view)
  if (published) {
    const evidence = { number: String(published.block.number), committed: String(view.head?.number ?? 0n) }
    return { reason: reason('commits-missing', evidence, published.node), blocks: 'all' }
  }

  const youngest = youngestL1Ms(view)
  if (youngest !== undefined && youngest > view.policy.l1FrozenMs) {
    return { reason: frozen(view, Math.round(youngest / 1000)), blocks: 'soft' }
  }
  const reorged = replacedOrigin(view)
  return reorged && { reason: reorged, blocks: 'soft' }
}

/** A stranger has answered, so Baton itself is not cut off. */
const isUnanswered = (answer: Answer<unknown>) => !answer.ok && answer.failure !== 'identity'

/** Whether L1 itself stands still, or only the endpoint the nodes share. */
function frozen({ l1, now, policy }: View, ageS: number): Reason {
  const own = l1?.failure ? undefined : l1?.sample?.head
  return own && now - Number(own.timestamp) * 1000 < policy.l1FrozenMs
    ? reason('l1-endpoint', { ageS, number: String(own.number) })
    : reason('l1-frozen', { ageS })
}

/** L1 blocks within which a node notices on its own that L1 replaced one. */
const NOTICED_IN = 2

/**
 * Resets the derivation of nodes that stand on a block L1 reverted and do not notice. op-node asks L1 about its head
 * only when it resets, and L1 may have shown the old chain then. It would stay there until a batch contradicts it, and
 * a chain that waits for it sends none.
 */
export function observeAgain(
  { head, headSeenAt = Number.POSITIVE_INFINITY, blockSeenAt = headSeenAt, now, lease, l1, nodes, observed }: Ready,
  shared?: SharedCause,
): Command[] {
  if (lease.mode === 'paused' || !l1) return []
  // Terms granted on the head in the meantime do not matter.
  const standsMs = now - blockSeenAt
  const orphaned = shared?.reason.code === 'l1-reorg' && standsMs > NOTICED_IN * l1.limits.slotMs
  return nodes.flatMap(({ name }): Command[] => {
    const consensus = observed[name]?.observation.consensus
    if (!consensus?.ok || isExcluded(lease, name)) return []
    const { number, hash } = consensus.value.unsafe
    const stuck = (number > head.number && wasReverted(head, { number, hash })) || (orphaned && hash === head.hash)
    const reasons = [reason('taken-back', { number: String(number), hash }, name)]
    return stuck ? [{ act: 'reset-derivation', node: name, reasons }] : []
  })
}
