import type { ChainPorts } from '../../../context/ports.ts'
import { previewSwitchover } from '../../../operator/switchover.ts'
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
  const { to } = input
  const plan = await previewSwitchover(ports, { by: asker(input), ...(to !== undefined && { to }) })
  const state = { term: plan.term, leader: plan.from }
  if (plan.to === undefined) return { fit: false, reason: plan.refused, ...state }
  return { fit: true, reason: `${plan.to} can take over from ${plan.from || 'nobody'}`, ...state, target: plan.to }
}
