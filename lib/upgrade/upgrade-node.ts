import { HostParameterRefused, HostStepUnknown } from '../host/errors.ts'
import { freshMemory } from '../monitor/memory.ts'
import { observeChain } from '../monitor/observe.ts'
import { setQuarantine } from '../monitor/operate/modes.ts'
import type { ChainPorts } from '../monitor/ports.ts'
import type { View } from '../protocol/decision.ts'
import { examine } from '../protocol/fitness.ts'
import { type Reason, renderReason } from '../protocol/reason.ts'
import type { NodeName } from '../protocol/records.ts'
import { UpgradeStopped } from './errors.ts'
import { DEFAULT_WITHIN_MS, type UpgradeOrder, whyOut } from './order.ts'
import { versionsOf } from './plan.ts'
import { note } from './progress.ts'

/** Looks at a node that comes up again are a block apart, but not further than this. */
const EVERY_MS = 1_000
/** A node is fit when so many looks in a row found nothing against it: a crash loop answers now and then. */
const LOOKS = 3

/**
 * Upgrades one node that does not sequence: out of eligibility, the host's step, fit and caught up again,
 * back. A node that does not come back stays out, so that nothing is moved to it.
 *
 * @throws UpgradeStopped
 */
export async function upgradeNode(ports: ChainPorts, order: UpgradeOrder, node: NodeName): Promise<void> {
  const { to, by, expect } = order
  const host = ports.host?.(node)
  if (!host) throw new UpgradeStopped(node, 'its machine takes no steps', 'add "host" to it in the configuration')
  const before = versionsOf(await lookOnce(ports), node)
  await setQuarantine(ports, node, whyOut(to), by)
  const began = ports.clock.now()
  try {
    const { exitCode, stderr } = await host.run('upgrade', { version: to })
    // An exit code of 0 proves nothing, but one that says it failed is believed: to stop is safe.
    if (exitCode !== 0) {
      const words = stderr.trim().split('\n').at(-1)?.slice(0, 200) ?? ''
      throw new UpgradeStopped(node, `the step ended with ${exitCode ?? 'a signal or its time-out'}: ${words}`)
    }
  } catch (error) {
    const nothingRun = error instanceof HostStepUnknown || error instanceof HostParameterRefused
    if (nothingRun) await setQuarantine(ports, node, undefined, by)
    if (error instanceof UpgradeStopped) throw error
    throw new UpgradeStopped(node, (error as Error).message, undefined, error)
  }
  const after = await awaitFit(ports, order, node)
  await setQuarantine(ports, node, undefined, by)
  const same = after.join() === before.join()
  const changed = same
    ? `still says ${after.join(' and ') || 'nothing'}`
    : `${before.join(' and ')} → ${after.join(' and ')}`
  const proven = expect !== undefined ? `, as expected` : ''
  await note(
    ports,
    order,
    'node',
    `${changed}${proven}; fit after ${Math.round((ports.clock.now() - began) / 1000)} s`,
    node,
  )
}

/** Waits until nothing but its quarantine speaks against a node; returns its versions then. */
async function awaitFit(ports: ChainPorts, order: UpgradeOrder, node: NodeName): Promise<string[]> {
  const { withinMs = DEFAULT_WITHIN_MS, expect } = order
  const memory = freshMemory()
  const until = ports.clock.now() + withinMs
  for (let fine = 0; ; ) {
    const view = await observeChain(ports, memory)
    const against = speaksAgainst(view, node)
    const versions = versionsOf(view, node)
    const wrong = expect !== undefined && !versions.some((text) => text.includes(expect))
    fine = against.length === 0 && !wrong ? fine + 1 : 0
    if (fine >= LOOKS) return versions
    if (ports.clock.now() > until) {
      const why = against.map(renderReason).join('; ') || `it says it is ${versions.join(' and ')}, not ${expect}`
      throw new UpgradeStopped(node, `not fit within ${Math.round(withinMs / 1000)} s: ${why}`)
    }
    await ports.clock.sleep(Math.min(EVERY_MS, ports.policy.blockTimeMs))
  }
}

function speaksAgainst(view: View, node: NodeName): Reason[] {
  const config = view.nodes.find(({ name }) => name === node)
  if (!config) return []
  const { hard, soft, lag } = examine(view, config)
  const reasons = [...hard, ...soft].filter(({ code }) => !['quarantined', 'no-failover', 'tried'].includes(code))
  const behind = lag !== undefined && lag > view.policy.maxSwitchoverLag
  const evidence = { lag: String(lag), max: String(view.policy.maxSwitchoverLag) }
  return behind ? [...reasons, { code: 'behind', evidence, node }] : reasons
}

async function lookOnce(ports: ChainPorts): Promise<View> {
  return await observeChain(ports, freshMemory())
}
