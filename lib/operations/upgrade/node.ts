import { freshMemory } from '../../context/memory.ts'
import { observeChain } from '../../context/observe.ts'
import type { ChainPorts } from '../../context/ports.ts'
import { retryStore } from '../../context/retry.ts'
import type { BatonError } from '../../errors.ts'
import type { EndedStep, Host } from '../../host/host.ts'
import { HostParameterRefused, HostStepUnknown, HostUnreachable } from '../../host/host.ts'
import type { View } from '../../protocol/decision.ts'
import { examine } from '../../protocol/fitness.ts'
import { type Reason, renderReason } from '../../protocol/reason.ts'
import type { NodeName } from '../../protocol/records.ts'
import { exclude, readmit } from './eligibility.ts'
import { DEFAULT_WITHIN_MS, type UpgradeOrder, UpgradeStopped } from './order.ts'
import { versionsOf } from './plan.ts'
import { note } from './progress.ts'

/** Observations of a restarting node are a block time apart, at most this long. */
const EVERY_MS = 1_000
/** A node is fit after this many good observations in a row: a node in a crash loop answers now and then. */
const LOOKS = 3

/** A node under upgrade: its clients' versions before, and when it began (Unix ms). */
export type Upgrading = { readonly node: NodeName; readonly before: readonly string[]; readonly since: number }

/** Excludes a node from eligibility. Idempotent. */
export async function takeOut(ports: ChainPorts, order: UpgradeOrder, node: NodeName): Promise<Upgrading> {
  machineOf(ports, node)
  const before = await versionsNow(ports, node)
  await exclude(ports, order, node)
  return { node, before, since: ports.clock.now() }
}

/**
 * Waits until only its quarantine speaks against a node; `false` = not yet, at the end of the slice.
 *
 * @param from when the step on its machine ended, Unix ms.
 * @throws UpgradeStopped when it is not fit in time.
 */
export async function awaitFit(
  ports: ChainPorts,
  { expect, withinMs = DEFAULT_WITHIN_MS }: UpgradeOrder,
  node: NodeName,
  { from, sliceMs = Number.POSITIVE_INFINITY }: { readonly from: number; readonly sliceMs?: number },
): Promise<boolean> {
  const memory = freshMemory()
  const end = ports.clock.now() + sliceMs
  for (let fine = 0; ; ) {
    const view = await retryStore(ports, () => observeChain(ports, memory))
    const against = speaksAgainst(view, node)
    const versions = versionsOf(view, node)
    const wrong = expect !== undefined && !versions.some((text) => text.includes(expect))
    fine = against.length === 0 && !wrong ? fine + 1 : 0
    if (fine >= LOOKS) return true
    const now = ports.clock.now()
    // A node that has just turned fit gets its remaining observations.
    if (fine === 0 && now > from + withinMs) {
      const why = against.map(renderReason).join('; ') || `it says it is ${versions.join(' and ')}, not ${expect}`
      throw new UpgradeStopped(node, `not fit within ${Math.round(withinMs / 1000)} s: ${why}`)
    }
    if (fine === 0 && now > end) return false
    await ports.clock.sleep(Math.min(EVERY_MS, ports.policy.blockTimeMs))
  }
}

/** Re-enables a node, and records its versions before and after. Idempotent. */
export async function putBack(ports: ChainPorts, order: UpgradeOrder, { node, before, since }: Upgrading) {
  const after = await versionsNow(ports, node)
  await readmit(ports, order, node, true)
  const same = after.join() === before.join()
  const changed = same
    ? `still says ${after.join(' and ') || 'nothing'}`
    : `${before.join(' and ')} → ${after.join(' and ')}`
  const proven = order.expect !== undefined ? `, as expected` : ''
  const seconds = Math.round((ports.clock.now() - since) / 1000)
  await note(ports, order, 'node', `${changed}${proven}; fit after ${seconds} s`, node)
}

const versionsNow = async (ports: ChainPorts, node: NodeName) =>
  versionsOf(await retryStore(ports, () => observeChain(ports, freshMemory())), node)

/**
 * What an upgrade causes itself, and what does not concern it; a new version may know a fork that the others do not.
 */
const EXPECTED = new Set(['quarantined', 'no-failover', 'tried', 'fork-differs'])

function speaksAgainst(view: View, node: NodeName): Reason[] {
  const config = view.nodes.find(({ name }) => name === node)
  if (!config) return []
  const { hard, soft, lag } = examine(view, config)
  const reasons = [...hard, ...soft].filter(({ code }) => !EXPECTED.has(code))
  const behind = lag !== undefined && lag > view.policy.maxSwitchoverLag
  const evidence = { lag: String(lag), max: String(view.policy.maxSwitchoverLag) }
  return behind ? [...reasons, { code: 'behind', evidence, node }] : reasons
}

/** The prepared step on a node's machine. */
const STEP = 'upgrade'

/**
 * Starts the installation. Never called twice for one node: a second call cannot know what the first one began.
 *
 * @returns the id to poll; `undefined` when the step has ended: a shell's steps end with the process that runs them.
 * @throws UpgradeStopped when it failed, or when it is unknown whether it began.
 */
export async function install(ports: ChainPorts, order: UpgradeOrder, node: NodeName): Promise<string | undefined> {
  const host = machineOf(ports, node)
  try {
    if (host.begin) return await host.begin(STEP, { version: order.to })
    judge(node, await host.run(STEP, { version: order.to }))
    return undefined
  } catch (error) {
    throw await stopped(ports, order, node, error)
  }
}

/**
 * Whether the installation has ended.
 *
 * @throws UpgradeStopped when it failed, or never reached the machine.
 * @throws HostUnreachable when that cannot be determined now.
 */
export async function installEnded(
  ports: ChainPorts,
  order: UpgradeOrder,
  node: NodeName,
  id: string,
): Promise<boolean> {
  const { ask } = machineOf(ports, node)
  if (!ask) throw new UpgradeStopped(node, 'its machine cannot be asked how far a step is')
  const ended = await ask(STEP, id).catch(async (error: unknown) => {
    // Not known yet: the caller polls again.
    if (error instanceof HostUnreachable && error.ran === 'unknown') throw error
    throw await stopped(ports, order, node, error)
  })
  if (ended) judge(node, ended)
  return ended !== undefined
}

function machineOf(ports: ChainPorts, node: NodeName): Host {
  const host = ports.host?.(node)
  if (host) return host
  throw new UpgradeStopped(node, 'no host access configured', 'add nodes[].host to the configuration')
}

/** Exit code 0 proves nothing, but a failure is believed: stopping is safe. */
function judge(node: NodeName, { exitCode, stderr }: EndedStep): void {
  if (exitCode === 0) return
  const words = stderr.trim().split('\n').at(-1)?.slice(0, 200) ?? ''
  throw new UpgradeStopped(node, `the step ended with ${exitCode ?? 'a signal or its time-out'}: ${words}`)
}

/** If nothing ran on the node's machine, the node is unchanged and is re-enabled. */
async function stopped(ports: ChainPorts, order: UpgradeOrder, node: NodeName, error: unknown) {
  if (error instanceof UpgradeStopped) return error
  const { message } = error as Error
  if (!nothingRan(error)) return new UpgradeStopped(node, message, undefined, error)
  await readmit(ports, order, node, false)
  const remedy = `${error.remedy} Nothing was run on its machine and ${node} is eligible as before; then "baton upgrade --resume"`
  return new UpgradeStopped(node, message, remedy, error)
}

const nothingRan = (error: unknown): error is BatonError =>
  error instanceof HostStepUnknown ||
  error instanceof HostParameterRefused ||
  (error instanceof HostUnreachable && error.ran === 'nothing')
