import type { ChainPorts } from '../../../context/ports.ts'
import { messageOf } from '../../engine/caught.ts'
import { beginUpgrade, finishUpgrade, nextStep, noteStopped, previewUpgrade, whileUpgrading } from '../run.ts'
import { renderUpgradePlan, renderUpgradeStep } from '../text.ts'
import { orderOf, type StepInput, type Stepped } from './input.ts'
import { askForLead, seeLeadLast, seeNewLead } from './lead.ts'
import { beginNode, putNodeBack, seeFit, seeInstalled, takeNodeOut } from './node.ts'

type Work = (ports: ChainPorts, input: StepInput, sliceMs: number) => Promise<Stepped>

const work: Readonly<Record<StepInput['step'], Work>> = {
  plan,
  begin,
  next,
  'take-out': takeNodeOut,
  install: beginNode,
  installed: seeInstalled,
  fit: seeFit,
  'put-back': putNodeBack,
  'ask-lead': askForLead,
  lead: seeNewLead,
  last: seeLeadLast,
  finish,
  stop,
}

/** A wait goes on in another call after this time, so that an abort is not long in coming. */
const SLICE_MS = 40_000

/**
 * One step of the state machine. Each but `install` may be called again without harm: what is observed and
 * recorded is how far the upgrade is.
 *
 * @throws UpgradeStopped when the upgrade must not go on; the chain does, on the others.
 * @throws RefusedActError when it was not begun.
 * @throws HostUnreachable when a machine cannot be asked now.
 */
export async function step(ports: ChainPorts, input: StepInput, sliceMs = SLICE_MS): Promise<Stepped> {
  const node = input.upgrading?.node ?? input.lead?.to
  const does = () => work[input.step](ports, input, sliceMs)
  return node === undefined ? await does() : await whileUpgrading(ports, orderOf(input), node, does)
}

async function plan(ports: ChainPorts, input: StepInput): Promise<Stepped> {
  const order = orderOf(input)
  const preview = await previewUpgrade(ports, order)
  const { steps, obstacles } = preview
  const outcome = obstacles.length > 0 ? 'held' : steps.length > 0 ? 'planned' : 'nothing-to-do'
  return { outcome, told: renderUpgradePlan(preview, order), taken: 0 }
}

async function begin(ports: ChainPorts, input: StepInput): Promise<Stepped> {
  const order = orderOf(input)
  await beginUpgrade(ports, order)
  return { outcome: 'begun', told: `to ${order.to}, by ${order.by}`, taken: 0 }
}

async function next(ports: ChainPorts, input: StepInput): Promise<Stepped> {
  const order = orderOf(input)
  const step = await nextStep(ports, order, input.taken)
  const taken = input.taken + 1
  if (!step) return { outcome: 'nothing-left', told: 'nothing is left to do', taken }
  const told = renderUpgradeStep(step, order.to)
  if (step.step === 'switchover') {
    return { outcome: 'switchover', told, taken, lead: { from: step.from, to: step.to, id: '', term: 0 } }
  }
  return { outcome: 'upgrade', told, taken, upgrading: { node: step.node, before: [], since: ports.clock.now() } }
}

async function finish(ports: ChainPorts, input: StepInput): Promise<Stepped> {
  const order = orderOf(input)
  await finishUpgrade(ports, order)
  return { outcome: 'done', told: `every node is upgraded to ${order.to}`, taken: input.taken }
}

async function stop(ports: ChainPorts, input: StepInput): Promise<Stepped> {
  const told = messageOf(input.error)
  await noteStopped(ports, orderOf(input), new Error(told), input.upgrading?.node ?? input.lead?.to)
  return { outcome: 'stopped', told, taken: input.taken }
}
