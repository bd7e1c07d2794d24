import { RefusedActError } from '../../monitor/operate/errors.ts'
import { switchover } from '../../monitor/operate/switchover.ts'
import type { ChainPorts } from '../../monitor/ports.ts'
import type { Lease } from '../../protocol/records.ts'
import { asker, type StepInput } from './input.ts'

/** A switchover that is asked for: its id, and the term it is to end. */
export type Requested = { readonly id: string; readonly term: number }

/** A request carried out this short a time ago is the same one, sent again because its answer was lost. */
const SAME_MS = 30_000

/**
 * Asks for the switchover. Again is harmless: a request of the same asker for the same node that is
 * pending, or was carried out a moment ago, is returned as it is.
 *
 * @throws RefusedActError when another one is pending, the node is unknown, or it holds already.
 */
export async function request(ports: ChainPorts, input: StepInput): Promise<Requested> {
  if (input.dryRun) throw new RefusedActError('a dry run asks for nothing', 'end it after the step "check"')
  const by = asker(input)
  const { to } = input
  const lease = await ports.leases.read(ports.chain.id)
  const pending = lease?.switchover
  if (lease && pending?.by === by && pending.to === to) return { id: pending.id, term: lease.term }
  if (lease && isCarriedOut(lease, by, to, ports.clock.now())) return { id: 'carried-out', term: lease.term - 1 }
  const asked = await switchover(ports, to === undefined ? { by } : { by, to })
  return { id: asked.switchover?.id ?? '', term: asked.term }
}

function isCarriedOut({ cause, holder, grantedAt }: Lease, by: string, to: string | undefined, now: number): boolean {
  const same = cause.code === 'switchover' && cause.by === by && (to === undefined || to === holder)
  return same && now - grantedAt < SAME_MS
}
