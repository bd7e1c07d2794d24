import type { Lease, NodeName } from '../../protocol/records.ts'
import type { ChainPorts } from '../ports.ts'
import { switchover } from './switchover.ts'

/** A switchover that is asked for: its id, and the term it is to end. */
export type AskedSwitchover = { readonly id: string; readonly term: number }

/** A request carried out this short a time ago is the same one, sent again because its answer was lost. */
const SAME_MS = 30_000

/**
 * Asks for a switchover. Again is harmless: a request of the same asker for the same node that is pending, or was
 * carried out a moment ago, is returned as it is.
 *
 * @throws RefusedActError when another one is pending, the node is unknown, or it holds already.
 */
export async function switchoverOnce(
  ports: ChainPorts,
  { to, by }: { readonly to?: NodeName; readonly by: string },
): Promise<AskedSwitchover> {
  const lease = await ports.leases.read(ports.chain.id)
  const pending = lease?.switchover
  if (lease && pending?.by === by && pending.to === to) return { id: pending.id, term: lease.term }
  if (lease && isCarriedOut(lease, by, to, ports.clock.now())) return { id: 'carried-out', term: lease.term - 1 }
  const asked = await switchover(ports, to === undefined ? { by } : { by, to })
  return { id: asked.switchover?.id ?? '', term: asked.term }
}

function isCarriedOut({ cause, holder, grantedAt }: Lease, by: string, to: NodeName | undefined, now: number): boolean {
  const same = cause.code === 'switchover' && cause.by === by && (to === undefined || to === holder)
  return same && now - grantedAt < SAME_MS
}
