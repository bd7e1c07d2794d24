import type { ChainPorts } from '../context/ports.ts'
import { record } from '../context/record.ts'
import { reason } from '../protocol/reason.ts'
import type { Lease, NodeName } from '../protocol/records.ts'
import type { Write } from '../protocol/write.ts'
import { RefusedActError } from './errors.ts'

/** An operator's act, for the record. */
export type Act = {
  readonly what: string
  readonly by: string
  /** What was done, or a function that describes it from the changed lease. */
  readonly message: string | ((changed: Lease) => string)
  readonly node?: NodeName
}

/** A grant in between makes the write start over; more often than this means something else is wrong. */
const TRIES = 5

/**
 * Writes an operator's change on the lease and its History record.
 *
 * @throws RefusedActError when the chain has no lease, or the change does not apply.
 */
export async function changeLease(ports: ChainPorts, act: Act, change: (lease: Lease) => Write<Lease>): Promise<Lease> {
  const { chain, leases } = ports
  for (let tries = 0; tries < TRIES; tries++) {
    const lease = await leases.read(chain.id)
    if (!lease) {
      throw new RefusedActError(
        `chain ${chain.id} has no lease yet`,
        'start the monitor, or take the chain over with "baton adopt"',
      )
    }
    const written = await leases.write(chain.id, change(lease))
    if (!written.applied) continue
    // The change is written: a failed read now must not keep it from being recorded.
    const head = await ports.heads.read(chain.id).catch(() => undefined)
    const { what, by, message, node } = act
    await record(ports, {
      what,
      actor: { kind: 'operator', name: by },
      term: written.item.term,
      head: head?.number ?? 0n,
      reasons: [reason('operator', { message: typeof message === 'string' ? message : message(lease) })],
      ...(node && { node }),
    })
    return written.item
  }
  throw new RefusedActError(
    `${act.what}: the lease changed under each of ${TRIES} tries`,
    'look at "baton status" and try again',
  )
}
