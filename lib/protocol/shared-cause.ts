import type { BlockId } from './block.ts'
import type { View } from './decision.ts'
import { wasLeft } from './follow-l1.ts'
import { type Reason, reason } from './reason.ts'
import type { Head } from './records.ts'

/** A cause all nodes share: moving sequencing would not help, so nothing is moved because of it. */
export type SharedCause = {
  readonly reason: Reason
  /** `all`: nothing at all may be moved or started; `soft`: only proof that the holder is gone still counts. */
  readonly blocks: 'all' | 'soft'
}

/** Looks for a cause beyond the single node, the gravest first. */
export function findSharedCause(view: View): SharedCause | undefined {
  const looks = view.nodes.flatMap(({ name }) => view.trails[name]?.observation ?? [])
  const unanswered = looks.filter(({ consensus, execution }) => !consensus.ok && !execution.ok)
  if (view.nodes.length > 1 && unanswered.length === view.nodes.length)
    return { reason: reason('cut-off'), blocks: 'all' }
  if (view.gate && !view.gate.ok) return { reason: reason('ingress', { message: view.gate.message }), blocks: 'all' }

  const { head, lease } = view
  const uncommitted = looks.find(
    ({ node, consensus }) =>
      head && consensus.ok && isUncommitted(head, consensus.value.unsafe) && !lease?.quarantine[node],
  )
  if (head && uncommitted?.consensus.ok) {
    const { number } = uncommitted.consensus.value.unsafe
    const evidence = { number: String(number), committed: String(head.number) }
    return { reason: reason('commits-missing', evidence, uncommitted.node), blocks: 'all' }
  }

  const l1Heads = looks.flatMap(({ consensus }) =>
    consensus.ok ? [Number(consensus.value.headL1.timestamp) * 1000] : [],
  )
  const youngest = view.now - Math.max(...l1Heads)
  if (l1Heads.length > 0 && youngest > view.policy.l1FrozenMs) {
    return { reason: frozen(view, Math.round(youngest / 1000)), blocks: 'soft' }
  }
  const reorged = findL1Reorg(view)
  return reorged && { reason: reorged, blocks: 'soft' }
}

/** Above the head, and not what the head was moved back from: a node whose L1 has not told it yet may show that for long. */
function isUncommitted(head: Head, unsafe: BlockId): boolean {
  return unsafe.number > head.number && !wasLeft(head, unsafe)
}

/** Whether it is L1 that stands still, or only the endpoint the nodes share. */
function frozen({ l1, now, policy }: View, ageS: number): Reason {
  const own = l1?.failure ? undefined : l1?.look?.head
  return own && now - Number(own.timestamp) * 1000 < policy.l1FrozenMs
    ? reason('l1-endpoint', { ageS, number: String(own.number) })
    : reason('l1-frozen', { ageS })
}

/** L1 no longer has the block the committed head derives from: every sequencer must leave it. */
function findL1Reorg({ l1, head }: View): Reason | undefined {
  const tip = l1?.look?.tip
  if (!head || !tip?.origin || head.l1Origin?.hash !== tip.block.l1Origin.hash) return undefined
  const { number, hash } = tip.block.l1Origin
  if (tip.origin.hash === hash) return undefined
  return reason('l1-reorg', { number: String(number), block: String(head.number), hash, canonical: tip.origin.hash })
}
