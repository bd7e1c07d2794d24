import type { ChainPorts } from '../../context/ports.ts'
import { retryStore } from '../../context/retry.ts'
import { changeLease } from '../../operator/change-lease.ts'
import { versionOf } from '../../protocol/quarantine.ts'
import type { Lease, NodeName, Quarantine } from '../../protocol/records.ts'
import { type UpgradeOrder, UpgradeStopped, whyOut } from './order.ts'
import { outFor } from './owner.ts'

/**
 * Excludes a node from eligibility. Idempotent.
 *
 * @throws UpgradeStopped when another owner excludes it.
 */
export async function exclude(ports: ChainPorts, order: UpgradeOrder, node: NodeName): Promise<void> {
  const { to, by, owner } = order
  await change(ports, order, node, () => {
    const now = ports.clock.now()
    const entry = { since: now, why: whyOut(to), by, kind: 'upgrade', version: to }
    return owner === undefined ? entry : { ...entry, owner, heardAt: now }
  })
}

/**
 * Re-enables a node that this upgrade excluded. Idempotent.
 *
 * @param finished whether it is upgraded.
 * @throws UpgradeStopped when another owner excludes it by now.
 */
export async function readmit(ports: ChainPorts, order: UpgradeOrder, node: NodeName, finished: boolean) {
  await change(ports, order, node, () => undefined, finished)
}

async function change(
  ports: ChainPorts,
  order: UpgradeOrder,
  node: NodeName,
  entryOf: () => Quarantine | undefined,
  finished = false,
) {
  const message = entryOf() ? `quarantined: ${whyOut(order.to)}` : 'put back'
  const act = { what: 'quarantine', by: order.by, message, node }
  await retryStore(ports, () =>
    changeLease(ports, act, (lease) => {
      refuseOthers(order, node)(lease)
      return outFor(lease, node, entryOf(), finished)
    }),
  )
}

/**
 * Whether this upgrade excludes the node. A quarantine of a stopped upgrade, or of version 0.1, has no owner: a resumed
 * upgrade takes it over, no matter who began it.
 */
function isOurs(found: Quarantine, { to, by: asked, owner, resume }: UpgradeOrder): boolean {
  if (versionOf(found) !== to) return false
  return found.owner === undefined ? resume === true || found.by === asked : found.owner === owner
}

const refuseOthers = (order: UpgradeOrder, node: NodeName) => (lease: Lease) => {
  const found = lease.quarantine[node]
  if (!found || isOurs(found, order)) return
  const remedy = `see to that first; once ${node} is released, continue with "baton upgrade --resume"`
  throw new UpgradeStopped(node, `${found.by} keeps it out of eligibility: ${found.why}`, remedy)
}
