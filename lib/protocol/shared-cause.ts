import { publishedAbove } from './ahead.ts'
import type { View } from './decision.ts'
import { replacedOrigin } from './follow-l1.ts'
import type { Answer } from './observation.ts'
import { type Reason, reason } from './reason.ts'
import { youngestL1Ms } from './witnesses.ts'

/** A cause all nodes share: moving sequencing would not help, so nothing is moved because of it. */
export type SharedCause = {
  readonly reason: Reason
  /** `all`: nothing at all may be moved or started; `soft`: only proof that the leader is gone still counts. */
  readonly blocks: 'all' | 'soft'
}

/** Looks for a cause beyond the single node, the gravest first. */
export function findSharedCause(view: View): SharedCause | undefined {
  const looks = view.nodes.flatMap(({ name }) => view.observed[name]?.observation ?? [])
  const unanswered = looks.filter(({ consensus, execution }) => isUnanswered(consensus) && isUnanswered(execution))
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

/** A stranger has answered: it is not Baton that is cut off. */
const isUnanswered = (answer: Answer<unknown>) => !answer.ok && answer.failure !== 'identity'

/** Whether it is L1 that stands still, or only the endpoint the nodes share. */
function frozen({ l1, now, policy }: View, ageS: number): Reason {
  const own = l1?.failure ? undefined : l1?.look?.head
  return own && now - Number(own.timestamp) * 1000 < policy.l1FrozenMs
    ? reason('l1-endpoint', { ageS, number: String(own.number) })
    : reason('l1-frozen', { ageS })
}
