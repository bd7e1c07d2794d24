import { decide } from './decide.ts'
import type { View } from './decision.ts'
import { judgeOrder } from './orders.ts'
import { type Reason, renderReason } from './reason.ts'
import type { NodeName, Switchover } from './records.ts'

/** The result of a switchover requested now: its target, or why it would be refused. */
export type Preview = {
  /** The present leader; empty = none. */
  readonly from: NodeName
  /** The present term. */
  readonly term: number
  /** The evidence; empty where an order in force refuses it. */
  readonly reasons: readonly Reason[]
} & ({ readonly to: NodeName; readonly refused?: never } | { readonly to?: never; readonly refused: string })

/**
 * Decides a switchover as `switchover` and then the monitor would, right after the next commit. Every preview of a
 * switchover uses it.
 */
export function preview(
  view: View,
  { to, force = false, by }: Pick<Switchover, 'to' | 'by'> & { readonly force?: boolean },
): Preview {
  const { head, lease, now } = view
  const state = { from: head?.leader ?? '', term: lease?.term ?? 0 }
  const refuse = (refused: string, reasons: readonly Reason[] = []) => ({ ...state, refused, reasons })
  if (!head || !lease) return refuse('the chain has no head and lease yet; start the monitor or adopt the chain')
  const refusal = judgeOrder('switchover', lease)
  if (refusal) return refuse(refusal.message)
  const order = lease.orders + 1
  const switchover = { id: 'preview', notBefore: 0, by, force, order, ...(to !== undefined && { to }) }
  // Assume a commit just now, so that there is no boundary to wait for.
  const asked = { ...view, head: { ...head, committedAt: now }, headJustCame: true, lease: { ...lease, switchover } }
  const { commands, reasons } = decide(asked)
  const [command] = commands
  if (command?.act === 'grant' && command.grant.cause.id === switchover.id)
    return { ...state, to: command.grant.to, reasons: command.reasons }
  if (command?.act === 'refuse-switchover') return refuse(command.reasons.map(renderReason).join('; '), command.reasons)
  return refuse(`nothing is moved by order now: ${reasons.map(renderReason).join('; ')}`, reasons)
}
