import type { ChainPorts } from '../context/ports.ts'
import { setMode, withdrawsSwitchover } from '../protocol/control.ts'
import { judgeOrder, type Order } from '../protocol/orders.ts'
import type { Lease, Mode, NodeName, Switchover } from '../protocol/records.ts'
import { changeLease } from './change-lease.ts'
import { RefusedActError } from './errors.ts'

/** The lease after an order, and the order's effect on a pending switchover. */
export type Ordered = Lease & {
  /** The switchover that the order withdrew. */
  readonly withdrew?: Switchover
  /** The switchover that is still pending. */
  readonly pending?: Switchover
}

/**
 * Forbids Baton to start, stop or move anything on its own until `resume`. It withdraws a pending switchover. Baton
 * still carries out one ordered during the pause.
 */
export function pause(ports: ChainPorts, by: string): Promise<Ordered> {
  return order(ports, { what: 'pause', mode: 'paused', by, message: 'automatic acts paused' })
}

/**
 * Allows Baton to act on its own again.
 *
 * @throws RefusedActError while a node publishes without commits: Baton would start a second chain.
 */
export function resume(ports: ChainPorts, by: string): Promise<Ordered> {
  return order(ports, { what: 'resume', mode: 'auto', by, message: 'automatic acts allowed' })
}

/**
 * Pins sequencing to its present node: Baton restarts it and never replaces it. It withdraws a pending switchover.
 *
 * @throws RefusedActError while a node publishes without commits.
 */
export function hold(ports: ChainPorts, by: string): Promise<Ordered> {
  return order(ports, { what: 'hold', mode: 'hold', by, message: 'pinned to the leader' })
}

type Setting = {
  readonly what: Extract<Order, 'pause' | 'resume' | 'hold'>
  readonly mode: Mode
  readonly by: string
  readonly message: string
}

async function order(ports: ChainPorts, { what, mode, by, message }: Setting): Promise<Ordered> {
  const at = ports.clock.now()
  let before: Switchover | undefined
  const say = (lease: Lease) => [message, ...formatSwitchover(lease.switchover, mode)].join('; ')
  const lease = await changeLease(ports, { what, by, message: say }, (lease) => {
    refuseUnless(what, lease)
    before = lease.switchover
    return setMode(lease, mode, by, at)
  })
  if (!before) return lease
  return withdrawsSwitchover[mode] ? { ...lease, withdrew: before } : { ...lease, pending: before }
}

/** What an order did to the pending switchover: the end of a sentence about the order, or nothing. */
export const formatMet = ({ withdrew, pending }: Ordered): string =>
  [...formatSwitchover(withdrew, 'paused'), ...formatSwitchover(pending, 'auto')].map((each) => `; ${each}`).join('')

function formatSwitchover(switchover: Switchover | undefined, mode: Mode): string[] {
  if (!switchover) return []
  const { to = 'the best standby', by, notBefore } = switchover
  const when = notBefore > 0 ? ` at ${new Date(notBefore).toISOString()}` : ''
  const which = `the switchover to ${to}${when}, asked for by ${by}`
  return [withdrawsSwitchover[mode] ? `${which}, is withdrawn` : `${which}, is still pending`]
}

/** @throws RefusedActError when an order in force conflicts with this one. */
export function refuseUnless(what: Order, lease: Lease | undefined, node?: NodeName): void {
  const refusal = judgeOrder(what, lease, node)
  if (refusal) throw new RefusedActError(refusal.message, refusal.remedy)
}
