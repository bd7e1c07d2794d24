import { inspectChain } from '../../../context/inspect.ts'
import type { ChainPorts } from '../../../context/ports.ts'
import { examineAll } from '../../../protocol/candidates.ts'
import { judgeOrder } from '../../../protocol/orders.ts'
import { renderReason } from '../../../protocol/reason.ts'
import { findSharedCause } from '../../../protocol/shared-cause.ts'
import { stepSwitchover } from '../../../protocol/switchover.ts'
import { asker, type StepInput } from './input.ts'

/** Whether a switchover could be carried out now, and why (not). */
export type Checked = {
  readonly fit: boolean
  readonly reason: string
  readonly term: number
  readonly leader: string
  /** Where it would go. */
  readonly target?: string
}

/** Looks at the chain and asks the monitor's own rule; changes nothing. */
export async function check(ports: ChainPorts, input: StepInput): Promise<Checked> {
  const { view } = await inspectChain(ports, { history: 1 })
  const { head, lease } = view
  const state = { term: lease?.term ?? 0, leader: head?.leader ?? '' }
  const unfit = (reason: string): Checked => ({ fit: false, reason, ...state })
  if (!head || !lease) return unfit('the chain has no head and lease yet; start the monitor or adopt the chain')
  const refusal = judgeOrder('switchover', lease)
  if (refusal) return unfit(refusal.message)
  const shared = findSharedCause(view)
  if (shared?.blocks === 'all') return unfit(`nothing is moved now: ${renderReason(shared.reason)}`)
  const asked = {
    id: 'check',
    notBefore: 0,
    by: asker(input),
    force: false,
    ...(input.to !== undefined && { to: input.to }),
  }
  const step = stepSwitchover({ ...view, head, lease }, asked, undefined, examineAll(view))
  if (step.step === 'wait') return unfit(step.reasons.map(renderReason).join('; '))
  if (step.command.act !== 'grant') return unfit(step.command.reasons.map(renderReason).join('; '))
  const target = step.command.grant.to
  return { fit: true, reason: `${target} can take over from ${head.leader || 'nobody'}`, ...state, target }
}
