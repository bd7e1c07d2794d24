import { freshMemory } from '../../context/memory.ts'
import { observeChain } from '../../context/observe.ts'
import { patiently } from '../../context/patiently.ts'
import type { ChainPorts } from '../../context/ports.ts'
import type { View } from '../../protocol/decision.ts'
import { examine } from '../../protocol/fitness.ts'
import { type Reason, renderReason } from '../../protocol/reason.ts'
import type { NodeName } from '../../protocol/records.ts'
import { exclude, readmit } from './eligibility.ts'
import { UpgradeStopped } from './errors.ts'
import { install } from './install.ts'
import { DEFAULT_WITHIN_MS, type UpgradeOrder } from './order.ts'
import { versionsOf } from './plan.ts'
import { note } from './progress.ts'

/** Looks at a node that comes up again are a block apart, but not further than this. */
const EVERY_MS = 1_000
/** A node is fit when so many looks in a row found nothing against it: a crash loop answers now and then. */
const LOOKS = 3

/** A node that is being upgraded: what its clients said they were, and since when (Unix ms). */
export type Upgrading = { readonly node: NodeName; readonly before: readonly string[]; readonly since: number }

/**
 * Upgrades one node that does not sequence: out of eligibility, the host's step, fit and caught up again,
 * back. A node that does not come back stays out, so that nothing is moved to it.
 *
 * @throws UpgradeStopped
 */
export async function upgradeNode(ports: ChainPorts, order: UpgradeOrder, node: NodeName): Promise<void> {
  const upgrading = await takeOut(ports, order, node)
  await install(ports, order, node)
  await awaitFit(ports, order, node, { from: ports.clock.now() })
  await putBack(ports, order, upgrading)
}

/** Takes a node out of eligibility. Again is harmless. Throws as `upgradeNode`. */
export async function takeOut(ports: ChainPorts, order: UpgradeOrder, node: NodeName): Promise<Upgrading> {
  if (!ports.host?.(node))
    throw new UpgradeStopped(node, 'its machine takes no steps', 'add "host" to it in the configuration')
  const before = await versionsNow(ports, node)
  await exclude(ports, order, node)
  return { node, before, since: ports.clock.now() }
}

/**
 * Waits until nothing but its quarantine speaks against a node; `false` = not yet, when the slice is over.
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
    const view = await patiently(ports, () => observeChain(ports, memory))
    const against = speaksAgainst(view, node)
    const versions = versionsOf(view, node)
    const wrong = expect !== undefined && !versions.some((text) => text.includes(expect))
    fine = against.length === 0 && !wrong ? fine + 1 : 0
    if (fine >= LOOKS) return true
    const now = ports.clock.now()
    // One that has just been found fine gets the looks it needs.
    if (fine === 0 && now > from + withinMs) {
      const why = against.map(renderReason).join('; ') || `it says it is ${versions.join(' and ')}, not ${expect}`
      throw new UpgradeStopped(node, `not fit within ${Math.round(withinMs / 1000)} s: ${why}`)
    }
    if (fine === 0 && now > end) return false
    await ports.clock.sleep(Math.min(EVERY_MS, ports.policy.blockTimeMs))
  }
}

/** Makes a node eligible again, and records what it was and is. Again is harmless. Throws as `upgradeNode`. */
export async function putBack(ports: ChainPorts, order: UpgradeOrder, { node, before, since }: Upgrading) {
  const after = await versionsNow(ports, node)
  await readmit(ports, order, node)
  const same = after.join() === before.join()
  const changed = same
    ? `still says ${after.join(' and ') || 'nothing'}`
    : `${before.join(' and ')} → ${after.join(' and ')}`
  const proven = order.expect !== undefined ? `, as expected` : ''
  const seconds = Math.round((ports.clock.now() - since) / 1000)
  await note(ports, order, 'node', `${changed}${proven}; fit after ${seconds} s`, node)
}

const versionsNow = async (ports: ChainPorts, node: NodeName) =>
  versionsOf(await patiently(ports, () => observeChain(ports, freshMemory())), node)

/** What an upgrade does itself, and what does not concern it; a new version may know a fork the others do not yet. */
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
