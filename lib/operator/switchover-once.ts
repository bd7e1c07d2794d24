import type { ChainPorts } from '../context/ports.ts'
import { type AskedSwitchover, type Outcome, outcomeOf } from '../protocol/outcome.ts'
import type { Lease } from '../protocol/records.ts'
import { type SwitchoverRequest, switchover } from './switchover.ts'

/**
 * Requests a switchover under an id that its owner chose. Repeating it is harmless: a pending request with this id, or
 * the one that led to the present term, is returned as it is. A request with another id is another switchover.
 *
 * @throws RefusedActError when another one is pending, the node is unknown, or it already leads.
 */
export async function switchoverOnce(
  ports: ChainPorts,
  request: Pick<SwitchoverRequest, 'to' | 'by'> & { readonly id: string },
): Promise<AskedSwitchover> {
  const { id, to } = request
  const named = to === undefined ? { id } : { id, to }
  const lease = await ports.leases.read(ports.chain.id)
  if (lease?.switchover?.id === id) return { ...named, term: lease.term, from: lease.leader }
  if (lease?.cause.id === id) return { ...named, term: lease.term - 1, from: lease.previousLeader }
  return askedOf(await switchover(ports, request))
}

/** The switchover on a lease, in the form {@link outcomeOf} takes. */
export function askedOf({ switchover, term, leader }: Lease): AskedSwitchover {
  const { id = '', to } = switchover ?? {}
  return { id, term, from: leader, ...(to !== undefined && { to }) }
}

/** The outcome of a switchover so far. */
export async function readOutcome({ leases, heads, chain }: ChainPorts, asked: AskedSwitchover): Promise<Outcome> {
  const lease = await leases.read(chain.id)
  return outcomeOf(asked, lease, await heads.read(chain.id))
}
