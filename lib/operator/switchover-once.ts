import type { ChainPorts } from '../context/ports.ts'
import { type SwitchoverRequest, switchover } from './switchover.ts'

/** A switchover that is asked for: its id, and the term it is to end. */
export type AskedSwitchover = { readonly id: string; readonly term: number }

/**
 * Asks for a switchover under an id of its owner's. Again is harmless: the request with this id that is pending, or was
 * carried out as the present term, is returned as it is. One with another id is another one, whoever asked for it.
 *
 * @throws RefusedActError when another one is pending, the node is unknown, or it holds already.
 */
export async function switchoverOnce(
  ports: ChainPorts,
  request: Pick<SwitchoverRequest, 'to' | 'by'> & { readonly id: string },
): Promise<AskedSwitchover> {
  const { id } = request
  const lease = await ports.leases.read(ports.chain.id)
  if (lease?.switchover?.id === id) return { id, term: lease.term }
  if (lease?.cause.id === id) return { id, term: lease.term - 1 }
  const asked = await switchover(ports, request)
  return { id, term: asked.term }
}
