import type { ChainPorts } from '../../context/ports.ts'
import { retryStore } from '../../context/retry.ts'
import { RefusedActError } from '../../operator/errors.ts'
import { quarantine, unchanged } from '../../protocol/control.ts'
import { isHeld, kindOf, versionOf } from '../../protocol/quarantine.ts'
import type { CarriedUpgrade, Lease, NodeName, Quarantine } from '../../protocol/records.ts'
import type { Write } from '../../protocol/write.ts'
import { type UpgradeOrder, UpgradeStopped } from './order.ts'
import { readProgress } from './progress.ts'

/** A grant or an operator in between makes the write start over; more conflicts than this mean another fault. */
const TRIES = 5

/**
 * Makes this upgrade the chain's upgrade. Of two that begin or resume at once, one is refused: each write is
 * conditional on the lease it was checked against. A resumed upgrade and the nodes it excludes get the new owner.
 *
 * @throws RefusedActError while another one runs.
 */
export async function claimUpgrade(ports: ChainPorts, order: UpgradeOrder): Promise<void> {
  const { to, by, owner } = order
  const { done = [] } = (order.resume && (await readProgress(ports))) || {}
  const claimed = await rewrite(ports, (lease) => {
    const now = ports.clock.now()
    refuseWhileCarried(lease, order, now)
    const upgrade = { to, by, since: now, heardAt: now, done, ...(owner !== undefined && { owner }) }
    const taken = Object.entries(lease.quarantine).map(([node, entry]): [NodeName, Quarantine] => {
      const own = order.resume === true && versionOf(entry) === to
      return [node, own ? ownedBy(entry, order, now) : entry]
    })
    return over(lease, upgrade, Object.fromEntries(taken))
  })
  if (claimed) return
  throw new RefusedActError('the lease changed under each try', 'look at "baton status" and try again')
}

/**
 * Refuses while another upgrade runs, unless a person has re-enabled the node it excludes: then nothing is being
 * installed, and that upgrade stops at its next step.
 *
 * @throws RefusedActError
 */
function refuseWhileCarried(lease: Lease, { owner, resume }: UpgradeOrder, now: number): void {
  const other = lease.upgrade
  if (!other || other.owner === owner || !isHeld(other, now)) return
  const { node } = other
  const out = node !== undefined && isOut(lease, node)
  if (resume && node !== undefined && !out) return
  throw new RefusedActError(
    `not ${resume ? 'resumed' : 'begun'}: ${formatCarried(other, now)}${out ? `, and ${node} is out for it` : ''}`,
    out
      ? `wait for its end; if whatever ran it is gone, see that nothing is being installed on ${node}, then "baton quarantine ${node} --lift", and resume`
      : 'wait for its end; one whose process is gone may be resumed after a minute and a half',
  )
}

const isOut = ({ quarantine: entries }: Lease, node: NodeName) => {
  const entry = entries[node]
  return entry !== undefined && kindOf(entry) === 'upgrade'
}

/** A running upgrade, as text. */
export function formatCarried({ to, by, heardAt }: Pick<CarriedUpgrade, 'to' | 'by' | 'heardAt'>, now: number): string {
  return `an upgrade to ${to} by ${by} is under way, heard of ${Math.max(0, Math.round((now - heardAt) / 1_000))} s ago`
}

/** The chain's upgrade, if it may still be at work. */
export function carriedUpgrade({ upgrade }: Lease, now: number): CarriedUpgrade | undefined {
  return upgrade && isHeld(upgrade, now) ? upgrade : undefined
}

/**
 * Sends this upgrade's heartbeat.
 *
 * @throws UpgradeStopped when it no longer is the chain's upgrade.
 */
export async function sayUpgrading(ports: ChainPorts, order: UpgradeOrder, next: NodeName): Promise<void> {
  await rewrite(ports, (lease) => {
    const { upgrade } = lease
    if (!upgrade || upgrade.owner !== order.owner) {
      const others = upgrade ? `${upgrade.by} has begun or resumed one` : 'it has come to its end, or was never begun'
      throw new UpgradeStopped(next, `this one is not at work any more: ${others}`, 'see "baton history"')
    }
    const heardAt = ports.clock.now()
    const entries = Object.entries(lease.quarantine).map(([node, entry]): [NodeName, Quarantine] => [
      node,
      isOwn(entry, order) ? { ...entry, heardAt } : entry,
    ])
    return over(lease, { ...upgrade, heardAt }, Object.fromEntries(entries))
  })
}

/** Releases the upgrade, so that a resume, or a recovery of a node it excludes, need not wait. */
export async function releaseUpgrade(ports: ChainPorts, order: UpgradeOrder): Promise<void> {
  await rewrite(ports, (lease) => {
    if (!lease.upgrade || lease.upgrade.owner !== order.owner) return undefined
    const { owner: _, node: __, ...upgrade } = lease.upgrade
    const entries = Object.entries(lease.quarantine).map(([node, entry]): [NodeName, Quarantine] => {
      const { owner: ___, heardAt: ____, ...free } = entry
      return [node, isOwn(entry, order) ? free : entry]
    })
    return over(lease, upgrade, Object.fromEntries(entries))
  })
}

/** Removes the finished upgrade from the lease. */
export async function endUpgrade(ports: ChainPorts, order: UpgradeOrder): Promise<void> {
  await rewrite(ports, (lease) => {
    if (!lease.upgrade || lease.upgrade.owner !== order.owner) return undefined
    return { set: { orders: lease.orders + 1 }, remove: ['upgrade'], when: unchanged(lease) }
  })
}

/** A quarantine for an upgrade to this version, with this run as its owner. */
function ownedBy(entry: Quarantine, { to, owner }: UpgradeOrder, heardAt: number): Quarantine {
  return { ...entry, kind: 'upgrade', version: to, ...(owner !== undefined && { owner }), heardAt }
}

const isOwn = (entry: Quarantine, { owner }: UpgradeOrder) => kindOf(entry) === 'upgrade' && entry.owner === owner

/** The write that stores this upgrade and these quarantines in the lease. */
function over(lease: Lease, upgrade: CarriedUpgrade, entries: Lease['quarantine']): Write<Lease> {
  return { set: { upgrade, quarantine: entries, orders: lease.orders + 1 }, when: unchanged(lease) }
}

/**
 * Excludes a node for this upgrade or, without `entry`, makes it eligible again, in one write with the upgrade's state.
 *
 * @param finished whether the node is upgraded: a resumed upgrade skips it then.
 */
export function outFor(lease: Lease, node: NodeName, entry: Quarantine | undefined, finished = false): Write<Lease> {
  const write = quarantine(lease, node, entry)
  if (!lease.upgrade) return write
  const { node: _, ...upgrade } = lease.upgrade
  if (entry) return { ...write, set: { ...write.set, upgrade: { ...upgrade, node } } }
  const done = [...new Set([...(upgrade.done ?? []), ...(finished ? [node] : [])])]
  return { ...write, set: { ...write.set, upgrade: { ...upgrade, done } } }
}

/**
 * Changes the lease without a History record: the upgrade records its own steps.
 *
 * @returns false when the lease changed under every attempt, so that nothing was written.
 */
async function rewrite(ports: ChainPorts, change: (lease: Lease) => Write<Lease> | undefined): Promise<boolean> {
  return await retryStore(ports, async () => {
    for (let tries = 0; tries < TRIES; tries++) {
      const lease = await ports.leases.read(ports.chain.id)
      const write = lease && change(lease)
      if (!write || (await ports.leases.write(ports.chain.id, write)).applied) return true
    }
    return false
  })
}
