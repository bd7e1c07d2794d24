import type { Memory } from '../context/memory.ts'
import { readRecords } from '../context/observe.ts'
import type { ChainPorts } from '../context/ports.ts'
import { decide } from '../protocol/decide.ts'
import type { Decision, View } from '../protocol/decision.ts'
import { carryOut } from './carry-out.ts'
import type { Ticked } from './tick.ts'

/**
 * A turn that asks no node: the records say that the leader commits in time, and all was well at the last look. It
 * renews the lease at most. `undefined` = something is to be done, or to be found out: the nodes must be looked at.
 *
 * @throws StoreUnavailableError when the records cannot be read or written.
 */
export async function calmTurn(ports: ChainPorts, memory: Memory, active: boolean): Promise<Ticked | undefined> {
  const { calm } = memory
  if (!calm || calm.turns <= 0) return undefined
  calm.turns--
  const view = await readRecords(ports, memory, calm.seen)
  const decision = decide(view)
  if (!isCalm(view, decision)) return undefined
  if (active && !mayRunOn(view)) for (const command of decision.commands) await carryOut(ports, memory, view, command)
  return { view, decision }
}

/** Notes after a look for how many turns the nodes need not be asked, if all was well. A first look is not enough. */
export function rest(memory: Memory, { view, decision }: Ticked, turns: number): void {
  delete memory.calm
  if (turns <= 0 || memory.ticks <= 1 || !isCalm(view, decision)) return
  const { asked, linked, gate, l1 } = view
  const seen = { ...(asked && { asked }), ...(linked && { linked }), ...(gate && { gate }), ...(l1 && { l1 }) }
  memory.calm = { turns, seen }
}

/** A lease that runs for less than this is renewed: the next turn, and one that fails, are not too late for it. */
const SHORT_MS = 2_000

/** Each renewal is a write: a turn that asked nobody leaves the lease alone until two thirds of it are over. */
const mayRunOn = ({ lease, policy, now }: View): boolean =>
  lease !== undefined &&
  lease.armedAt !== 0 &&
  lease.tried.length === 0 &&
  lease.expiresAt - now >= Math.max(policy.leaseMs / 3, SHORT_MS)

/** Nobody asks for anything, nothing is amiss, and nothing but the lease is to be kept up. */
export const isCalm = ({ lease }: View, { condition, commands, page, sharedCause }: Decision): boolean =>
  condition === 'ok' &&
  !lease?.switchover &&
  !sharedCause &&
  page.length === 0 &&
  commands.every(({ act }) => act === 'renew')
