import { RefusedActError } from '../monitor/operate/errors.ts'
import type { ChainPorts } from '../monitor/ports.ts'
import { quarantine, setMode } from '../protocol/control.ts'
import { fence } from '../protocol/fence.ts'
import type { Head, NodeName } from '../protocol/records.ts'

/** The reason written on the quarantine of a node that publishes without commits. */
export const OVERRIDDEN = 'publishes without commits (override): its op-node must be restarted'

/**
 * Nobody may commit any more, Baton moves nothing, and the node is not to be granted.
 *
 * @throws RefusedActError when the head or the lease changed meanwhile.
 */
export async function closeToAll(
  { heads, leases, chain, clock }: ChainPorts,
  head: Head,
  node: NodeName,
  by: string,
): Promise<Head> {
  const now = clock.now()
  const lease = await leases.read(chain.id)
  // Paused first: Baton would grant a head that nobody holds.
  const paused = lease && (await leases.write(chain.id, setMode(lease, 'paused', by, now)))
  if (paused && !paused.applied) throw new RefusedActError('the lease changed meanwhile', 'try again')
  if (paused) await leases.write(chain.id, quarantine(paused.item, node, { since: now, why: OVERRIDDEN, by }))
  const closed = await heads.write(chain.id, fence('', head.term + 1, now))
  if (!closed.applied || closed.item.hash !== head.hash)
    throw new RefusedActError('the head moved meanwhile: commits still flow', 'Baton is paused; use "baton switchover"')
  return closed.item
}
