import { inspectChain } from '../context/inspect.ts'
import type { ChainPorts } from '../context/ports.ts'
import { dropSwitchover, requestSwitchover } from '../protocol/control.ts'
import { latestFor } from '../protocol/orders.ts'
import { type Preview, preview } from '../protocol/preview.ts'
import type { Lease, NodeName } from '../protocol/records.ts'
import { changeLease } from './change-lease.ts'
import { configuredNode } from './configured-node.ts'
import { RefusedActError } from './errors.ts'
import { refuseUnless } from './modes.ts'

/** An operator's request; times in Unix ms. */
export type SwitchoverRequest = {
  readonly to?: NodeName
  readonly notBefore?: number
  readonly force?: boolean
  readonly by: string
  /** The id chosen by the requester: an execution, an upgrade. Absent = a new one. */
  readonly id?: string
}

/**
 * Requests a switchover. The monitor carries it out at the next block boundary, or refuses it with a reason in the
 * history.
 *
 * @throws RefusedActError when the node is unknown or already leads, another switchover is pending, or
 * `force` names no node.
 */
export function switchover(
  ports: ChainPorts,
  { to, notBefore = 0, force = false, by, id = ports.suffix() }: SwitchoverRequest,
): Promise<Lease> {
  if (to !== undefined) configuredNode(ports.nodes, to)
  if (force && to === undefined) {
    throw new RefusedActError('a refusal can only be overridden for a node that is named', 'name it with "to"')
  }
  const when = notBefore > 0 ? ` not before ${new Date(notBefore).toISOString()}` : ''
  const act = { what: 'switchover', by, message: `asked for a switchover to ${to ?? 'the best standby'}${when}` }
  return changeLease(ports, to ? { ...act, node: to } : act, (lease) => {
    refuseUnless('switchover', lease)
    if (lease.leader === to) throw new RefusedActError(`${to} already holds term ${lease.term}`, 'nothing to do')
    // The requester's clock may be behind that of the monitor, which renewed the lease a moment ago.
    const askedAt = Math.max(ports.clock.now(), lease.renewedAt)
    const latest = latestFor(askedAt, notBefore)
    return requestSwitchover(lease, { id, notBefore, by, force, askedAt, latest, ...(to && { to }) })
  })
}

/**
 * Decides a switchover as if it were requested now; changes nothing.
 *
 * @throws StoreUnavailableError when the records cannot be read.
 */
export async function previewSwitchover(ports: ChainPorts, request: SwitchoverRequest): Promise<Preview> {
  const { view } = await inspectChain(ports, { history: 1 })
  return preview(view, request)
}

/**
 * Withdraws a switchover that has not begun.
 *
 * @throws RefusedActError when none is pending.
 */
export function cancelSwitchover(ports: ChainPorts, by: string): Promise<Lease> {
  return changeLease(ports, { what: 'cancel-switchover', by, message: 'withdrew the switchover' }, (lease) => {
    if (!lease.switchover) throw new RefusedActError('no switchover is pending', 'nothing to do')
    return dropSwitchover(lease, { outcome: 'withdrawn', by })
  })
}
