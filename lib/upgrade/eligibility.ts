import { changeQuarantine } from '../monitor/operate/quarantine.ts'
import type { ChainPorts } from '../monitor/ports.ts'
import { versionOf } from '../protocol/quarantine.ts'
import type { Lease, NodeName, Quarantine } from '../protocol/records.ts'
import { UpgradeStopped } from './errors.ts'
import { type UpgradeOrder, whyOut } from './order.ts'
import { patiently } from './patiently.ts'

/**
 * Takes a node out of eligibility. Again is harmless.
 *
 * @throws UpgradeStopped when somebody else keeps it out.
 */
export async function exclude(ports: ChainPorts, order: UpgradeOrder, node: NodeName): Promise<void> {
  const entryOf = () => ({
    since: ports.clock.now(),
    why: whyOut(order.to),
    by: order.by,
    kind: 'upgrade',
    version: order.to,
  })
  await patiently(ports, () => changeQuarantine(ports, node, entryOf(), order.by, refuseOthers(order, node)))
}

/**
 * Makes a node eligible again that this upgrade took out. Again is harmless.
 *
 * @throws UpgradeStopped when somebody else keeps it out by now.
 */
export async function readmit(ports: ChainPorts, order: UpgradeOrder, node: NodeName): Promise<void> {
  await patiently(ports, () => changeQuarantine(ports, node, undefined, order.by, refuseOthers(order, node)))
}

/** Whether this upgrade took the node out. One that is resumed goes on with what was begun by another person. */
function isOurs(found: Quarantine, { to, by: asked, resume }: UpgradeOrder): boolean {
  return versionOf(found) === to && (resume === true || found.by === asked)
}

const refuseOthers = (order: UpgradeOrder, node: NodeName) => (lease: Lease) => {
  const found = lease.quarantine[node]
  if (!found || isOurs(found, order)) return
  const remedy = `see to that first; once ${node} is put back, go on with "baton upgrade --resume"`
  throw new UpgradeStopped(node, `${found.by} keeps it out of eligibility: ${found.why}`, remedy)
}
