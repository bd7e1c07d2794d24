import type { ChainPorts } from '../../context/ports.ts'
import { changeLease } from '../../operator/change-lease.ts'
import { UnfinishedActError } from '../../operator/errors.ts'
import { refuseUnless } from '../../operator/modes.ts'
import { quarantine, setMode } from '../../protocol/control.ts'
import { fence } from '../../protocol/grant.ts'
import { OVERRIDDEN } from '../../protocol/quarantine.ts'
import type { Head, Lease, NodeName } from '../../protocol/records.ts'
import { all, equals, type Write } from '../../protocol/write.ts'

/** How the records were left. */
export type Records =
  /** No node can commit, and Baton is paused. */
  | { readonly left: 'closed'; readonly head: Head }
  /** There is no head, so no node can commit. Baton is paused. */
  | { readonly left: 'none' }
  /** The store did not answer: once it does, the old leader could commit. */
  | { readonly left: 'open'; readonly paused: boolean; readonly why: string }

/**
 * Closes the head to all nodes, pauses Baton, and quarantines the node.
 *
 * @throws RefusedActError when the lease kept changing; nothing was changed.
 * @throws UnfinishedActError when the head moved meanwhile; Baton is paused.
 */
export async function closeToAll(ports: ChainPorts, head: Head, node: NodeName, by: string): Promise<Head> {
  // Pause first: Baton would grant a head without a leader.
  await pauseWithout(ports, node, by)
  const closed = await ports.heads.write(ports.chain.id, closeAt(head, ports.clock.now()))
  if (closed.applied) return closed.item
  const now = closed.old ? `block ${closed.old.number} ${closed.old.hash}, term ${closed.old.term}` : 'gone'
  throw new UnfinishedActError(
    `the head moved meanwhile and is not closed: it is ${now}; Baton is paused and ${node} is put aside`,
    `look at "baton status"; "baton quarantine ${node} --lift" and "baton resume" undo that`,
  )
}

/**
 * Pauses Baton and quarantines the node, in one write. A chain without a lease has nothing to pause.
 *
 * @throws RefusedActError when another node publishes without commits: of two concurrent overrides, one is refused.
 */
export async function pauseWithout(ports: ChainPorts, node: NodeName, by: string): Promise<void> {
  const { chain, clock, leases } = ports
  if (!(await leases.read(chain.id))) return
  const now = clock.now()
  const act = { what: 'pause', by, message: `automatic acts paused: ${node} ${OVERRIDDEN}`, node }
  await changeLease(ports, act, (lease) => {
    refuseUnless('override', lease, node)
    const aside = quarantine(lease, node, { since: now, why: OVERRIDDEN, by, kind: 'override' })
    return inOneWrite(setMode(lease, 'paused', by, now), aside)
  })
}

/** Joins the mode and a quarantine in one write, so that they never diverge. */
export function inOneWrite(mode: Write<Lease>, aside: Write<Lease>): Write<Lease> {
  return { ...mode, set: { ...aside.set, ...mode.set } }
}

/** Removes the leader from the head, if the head still is this block. */
export function closeAt(head: Head, at: number): Write<Head> {
  const write = fence('', head.term + 1, at)
  return { ...write, when: all(write.when, equals('hash', head.hash)) }
}
