import type { View } from './decision.ts'
import { type Reason, reason } from './reason.ts'

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
      head && consensus.ok && consensus.value.unsafe.number > head.number && !lease?.quarantine[node],
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
    return { reason: reason('l1-frozen', { ageS: Math.round(youngest / 1000) }), blocks: 'soft' }
  }
  return undefined
}
