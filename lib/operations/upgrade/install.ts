import type { ChainPorts } from '../../context/ports.ts'
import type { BatonError } from '../../errors.ts'
import { HostParameterRefused, HostStepUnknown, HostUnreachable } from '../../host/errors.ts'
import type { EndedStep, Host } from '../../host/host.ts'
import type { NodeName } from '../../protocol/records.ts'
import { readmit } from './eligibility.ts'
import { UpgradeStopped } from './errors.ts'
import type { UpgradeOrder } from './order.ts'

/** The step of a node's machine. */
const STEP = 'upgrade'

/**
 * Installs the version on a node's machine, to the end of the step.
 *
 * @throws UpgradeStopped when the step failed, or nobody knows whether it was begun.
 */
export async function install(ports: ChainPorts, order: UpgradeOrder, node: NodeName): Promise<void> {
  const host = machineOf(ports, node)
  judge(node, await orStop(ports, order, node, () => host.run(STEP, { version: order.to })))
}

/**
 * Begins to install the version; resolves with the id to ask by. Never called twice for one node: what a
 * first call began is not known to a second one.
 *
 * @throws UpgradeStopped
 */
export async function beginInstall(ports: ChainPorts, order: UpgradeOrder, node: NodeName): Promise<string> {
  const { begin } = machineOf(ports, node)
  if (!begin) throw cannotLater(node)
  return await orStop(ports, order, node, () => begin(STEP, { version: order.to }))
}

/**
 * Whether what was begun has ended.
 *
 * @throws UpgradeStopped when it failed, or never reached the machine.
 * @throws HostUnreachable when that cannot be told now.
 */
export async function installEnded(
  ports: ChainPorts,
  order: UpgradeOrder,
  node: NodeName,
  id: string,
): Promise<boolean> {
  const { ask } = machineOf(ports, node)
  if (!ask) throw cannotLater(node)
  const ended = await ask(STEP, id).catch(async (error: unknown) => {
    // Nobody knows yet: it is asked again.
    if (error instanceof HostUnreachable && error.ran === 'unknown') throw error
    throw await stopped(ports, order, node, error)
  })
  if (ended) judge(node, ended)
  return ended !== undefined
}

function machineOf(ports: ChainPorts, node: NodeName): Host {
  const host = ports.host?.(node)
  if (host) return host
  throw new UpgradeStopped(node, 'its machine takes no steps', 'add "host" to it in the configuration')
}

/** An exit code of 0 proves nothing, but one that says it failed is believed: to stop is safe. */
function judge(node: NodeName, { exitCode, stderr }: EndedStep): void {
  if (exitCode === 0) return
  const words = stderr.trim().split('\n').at(-1)?.slice(0, 200) ?? ''
  throw new UpgradeStopped(node, `the step ended with ${exitCode ?? 'a signal or its time-out'}: ${words}`)
}

async function orStop<T>(ports: ChainPorts, order: UpgradeOrder, node: NodeName, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw await stopped(ports, order, node, error)
  }
}

/** A node on whose machine nothing was run is as it was, and is put back. */
async function stopped(ports: ChainPorts, order: UpgradeOrder, node: NodeName, error: unknown) {
  const { message } = error as Error
  if (!nothingRan(error)) return new UpgradeStopped(node, message, undefined, error)
  await readmit(ports, order, node)
  const remedy = `${error.remedy} Nothing was run on its machine and ${node} is eligible as before; then "baton upgrade --resume"`
  return new UpgradeStopped(node, message, remedy, error)
}

const nothingRan = (error: unknown): error is BatonError =>
  error instanceof HostStepUnknown ||
  error instanceof HostParameterRefused ||
  (error instanceof HostUnreachable && error.ran === 'nothing')

function cannotLater(node: NodeName): UpgradeStopped {
  return new UpgradeStopped(node, 'its machine takes no steps that are asked for later', 'use "baton upgrade" instead')
}
