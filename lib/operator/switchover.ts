import { freshMemory } from '../context/memory.ts'
import { observeChain } from '../context/observe.ts'
import type { ChainPorts } from '../context/ports.ts'
import { dropSwitchover, requestSwitchover } from '../protocol/control.ts'
import { decide } from '../protocol/decide.ts'
import { latestFor } from '../protocol/orders.ts'
import type { Reason } from '../protocol/reason.ts'
import type { Lease, NodeName } from '../protocol/records.ts'
import { changeLease } from './change-lease.ts'
import { configuredNode } from './configured-node.ts'
import { RefusedActError } from './errors.ts'
import { refuseUnless } from './modes.ts'

/** What an operator asks for; times Unix ms. */
export type SwitchoverRequest = {
  readonly to?: NodeName
  readonly notBefore?: number
  readonly force?: boolean
  readonly by: string
  /** Whose request it is: an execution, an upgrade. Absent = one of its own. */
  readonly id?: string
}

/**
 * Asks for a switchover. The monitor carries it out at the next block boundary, or refuses it with
 * a reason in the history.
 *
 * @throws RefusedActError when the node is unknown or holds already, another switchover is pending, or
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
    // The clock of whoever asks may be behind that of the monitor, which renewed the lease a moment ago.
    const askedAt = Math.max(ports.clock.now(), lease.renewedAt)
    const latest = latestFor(askedAt, notBefore)
    return requestSwitchover(lease, { id, notBefore, by, force, askedAt, latest, ...(to && { to }) })
  })
}

/** What a switchover would come to now: where to, or why not. */
export type SwitchoverPreview = { readonly from: NodeName; readonly to?: NodeName; readonly reasons: readonly Reason[] }

/**
 * Decides a switchover as the monitor would at the next block boundary; changes nothing.
 *
 * @throws RefusedActError when the chain is not run by Baton yet.
 */
export async function previewSwitchover(
  ports: ChainPorts,
  { to, force = false, by }: SwitchoverRequest,
): Promise<SwitchoverPreview> {
  const memory = freshMemory()
  await observeChain(ports, memory)
  const view = await observeChain(ports, memory)
  const { head, lease, now } = view
  if (!head || !lease) throw new RefusedActError('the chain is not run by Baton yet', 'see "baton status"')
  const switchover = { id: 'preview', notBefore: 0, by, force, ...(to !== undefined && { to }) }
  // As right after a commit: then there is no boundary to wait for.
  const { commands, reasons } = decide({
    ...view,
    head: { ...head, committedAt: now },
    lease: { ...lease, switchover },
  })
  const command = commands[0]
  const target = command?.act === 'grant' ? { to: command.grant.to } : {}
  return { from: head.leader, ...target, reasons: command?.reasons ?? reasons }
}

/**
 * Withdraws a switchover that was not begun yet.
 *
 * @throws RefusedActError when none is pending.
 */
export function cancelSwitchover(ports: ChainPorts, by: string): Promise<Lease> {
  return changeLease(ports, { what: 'cancel-switchover', by, message: 'withdrew the switchover' }, (lease) => {
    if (!lease.switchover) throw new RefusedActError('no switchover is pending', 'nothing to do')
    return dropSwitchover(lease)
  })
}
