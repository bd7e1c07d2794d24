import type { ChainPorts } from '../../../context/ports.ts'
import { switchoverOnce } from '../../../operator/switchover-once.ts'
import { InvalidInputError } from '../../engine/errors.ts'
import { leadRequest, seeLast, seeLead } from '../lead.ts'
import { type CarriedLead, orderOf, type StepInput, type Stepped } from './input.ts'

/** Asks for the move of the lead. Again is harmless: the pending one is found. */
export async function askForLead(ports: ChainPorts, input: StepInput): Promise<Stepped> {
  const lead = leadOf(input)
  const { id, term } = await switchoverOnce(ports, leadRequest(ports, orderOf(input), lead.to))
  return { outcome: 'asked', told: `${lead.to} is to lead`, taken: input.taken, lead: { ...lead, id, term } }
}

/** Waits until it leads by a commit of its own term; bounded by the library. */
export async function seeNewLead(ports: ChainPorts, input: StepInput): Promise<Stepped> {
  const lead = leadOf(input)
  await seeLead(ports, lead, lead.to)
  return { outcome: 'leads', told: `${lead.to} leads`, taken: input.taken, lead: { ...lead, since: ports.clock.now() } }
}

/** Sees it lead on, for a slice of time. */
export async function seeLeadLast(ports: ChainPorts, input: StepInput, sliceMs: number): Promise<Stepped> {
  const lead = leadOf(input)
  const { since = ports.clock.now() } = lead
  const lasted = await seeLast(ports, orderOf(input), { ...lead, since }, sliceMs)
  return { outcome: lasted ? 'lasted' : 'lasting', told: lead.to, taken: input.taken, lead: { ...lead, since } }
}

function leadOf({ lead }: StepInput): CarriedLead {
  if (lead) return lead
  throw new InvalidInputError(['lead: must be what the last step returned'])
}
