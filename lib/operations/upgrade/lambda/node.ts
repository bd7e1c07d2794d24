import type { ChainPorts } from '../../../context/ports.ts'
import { InvalidInputError } from '../../engine/errors.ts'
import { UpgradeStopped } from '../errors.ts'
import { beginInstall, installEnded } from '../install.ts'
import { awaitFit, putBack, takeOut } from '../upgrade-node.ts'
import { type CarriedNode, orderOf, type StepInput, type Stepped } from './input.ts'

/** How often a machine is asked how far it is. */
const ASK_MS = 2_000
/** SSM ends the step after a quarter of an hour: one whose end is not seen long after that is lost. */
const MOST_INSTALL_MS = 1_200_000

/** Takes the node out of eligibility. */
export async function takeNodeOut(ports: ChainPorts, input: StepInput): Promise<Stepped> {
  const { node, before, since } = await takeOut(ports, orderOf(input), nodeOf(input).node)
  const upgrading = { node, before: [...before], since }
  return { outcome: 'out', told: `${node} is out of eligibility`, taken: input.taken, upgrading }
}

/** Begins to install on its machine. Not to be called again: nobody would know of the first command. */
export async function beginNode(ports: ChainPorts, input: StepInput): Promise<Stepped> {
  const upgrading = nodeOf(input)
  const command = await beginInstall(ports, orderOf(input), upgrading.node)
  const told = `command ${command} runs on the machine of ${upgrading.node}`
  return { outcome: 'begun', told, taken: input.taken, upgrading: { ...upgrading, command } }
}

/** Waits for the end of the command, for a slice of time. */
export async function seeInstalled(ports: ChainPorts, input: StepInput, sliceMs: number): Promise<Stepped> {
  const upgrading = nodeOf(input)
  const { node, command, since } = upgrading
  const { clock } = ports
  if (command === undefined) throw new InvalidInputError(['upgrading.command: is what "install" returned'])
  const wait = (outcome: string, more: Partial<CarriedNode> = {}): Stepped => {
    return { outcome, told: node, taken: input.taken, upgrading: { ...upgrading, ...more } }
  }
  for (const end = clock.now() + sliceMs; !(await installEnded(ports, orderOf(input), node, command)); ) {
    if (clock.now() > since + MOST_INSTALL_MS) throw new UpgradeStopped(node, `command ${command} has no end`)
    if (clock.now() > end) return wait('installing')
    await clock.sleep(Math.min(ASK_MS, sliceMs))
  }
  return wait('installed', { endedAt: clock.now() })
}

/** Waits until it is fit, for a slice of time. */
export async function seeFit(ports: ChainPorts, input: StepInput, sliceMs: number): Promise<Stepped> {
  const upgrading = nodeOf(input)
  const { node, endedAt: from = ports.clock.now() } = upgrading
  const fit = await awaitFit(ports, orderOf(input), node, { from, sliceMs })
  return { outcome: fit ? 'fit' : 'not-yet', told: node, taken: input.taken, upgrading }
}

/** Makes it eligible again. */
export async function putNodeBack(ports: ChainPorts, input: StepInput): Promise<Stepped> {
  const upgrading = nodeOf(input)
  await putBack(ports, orderOf(input), upgrading)
  return { outcome: 'back', told: `${upgrading.node} is eligible again`, taken: input.taken }
}

function nodeOf({ upgrading }: StepInput): CarriedNode {
  if (upgrading) return upgrading
  throw new InvalidInputError(['upgrading: must be what the last step returned'])
}
