import { record } from '../../context/record.ts'
import { withHeartbeat } from '../../context/retry.ts'
import { RefusedActError } from '../../operator/errors.ts'
import { quarantine } from '../../protocol/control.ts'
import { decide } from '../../protocol/decide.ts'
import { remember } from '../../protocol/observed-node.ts'
import { isHeldQuarantine, kindOf, OVERRIDDEN, type QuarantineKind, UNDER_WAY } from '../../protocol/quarantine.ts'
import { reason } from '../../protocol/reason.ts'
import type { Lease, Quarantine } from '../../protocol/records.ts'
import type { Recovering } from './ports.ts'

const TRIES = 5
/** One observation cannot distinguish a node with lost state from a busy one. */
const BETWEEN_LOOKS_MS = 300

/** Whether a recovery by Baton was cut short: it still quarantines the node, and no run is at work on it. */
export function isAbandoned(lease: Lease | undefined, node: string, now: number): boolean {
  const entry = lease?.quarantine[node]
  if (!entry || kindOf(entry) !== 'recovery' || entry.by !== BATON.name) return false
  // Version 0.1 resumed its own recoveries at once.
  return entry.kind === undefined || !isHeldQuarantine(entry, now)
}

/** The actor when no person asked. */
export const BATON = { kind: 'baton', name: 'baton' } as const

/**
 * Whether this very recovery quarantines the node. A quarantine of version 0.1 has no owner and belongs to its actor.
 */
export function isOurs({ node, actor, owner }: Recovering, lease: Lease | undefined): boolean {
  const entry = lease?.quarantine[node]
  if (!entry || kindOf(entry) !== 'recovery') return false
  return entry.kind === undefined ? entry.by === actor.name : entry.owner === owner
}

/**
 * A recovery continues only while it quarantines the node: two would stop and start the same processes. Writes a
 * heartbeat into the quarantine.
 *
 * @throws RefusedActError when the node was re-enabled or taken over.
 */
export async function refuseUnlessOurs(recovering: Recovering): Promise<void> {
  const { ports, node, owner } = recovering
  for (let tries = 0; tries < TRIES; tries++) {
    const lease = await ports.leases.read(ports.chain.id)
    if (!lease) return
    const entry = lease.quarantine[node]
    if (!entry || !isOurs(recovering, lease)) throw leftToOthers(node, entry)
    const heard = { ...entry, kind: 'recovery', owner, heardAt: ports.clock.now() }
    const { applied } = await ports.leases.write(ports.chain.id, quarantine(lease, node, heard))
    if (applied) return
  }
  throw changedTooOften()
}

function leftToOthers(node: string, entry: Quarantine | undefined): RefusedActError {
  const now = entry ? `${entry.by} keeps it out (${entry.why})` : 'it was released'
  return new RefusedActError(`${node} is left to others: ${now}`, `see "baton history", then "baton recover ${node}"`)
}

/** Another run is at work on the node: this one has nothing to do. */
export class CarriedElsewhereError extends RefusedActError {}

/**
 * Quarantines the node during its recovery. Refuses while another run works on it, and, unless a person asked, for the
 * last eligible node: without it the chain has no node to move to.
 *
 * @throws CarriedElsewhereError | RefusedActError
 */
export async function enterQuarantine(recovering: Recovering): Promise<void> {
  const { ports, node, actor, owner } = recovering
  const lease = await ports.leases.read(ports.chain.id)
  if (isOurs(recovering, lease)) return await refuseUnlessOurs(recovering)
  if (actor.kind === 'baton' && (await isLastEligible(recovering, lease))) {
    throw new RefusedActError(
      `${node} is the last node that could sequence: it is not touched without a person`,
      `bring another node back, or run "baton recover ${node}" yourself`,
    )
  }
  // Of two at once, one is refused: each write is conditional on the lease it was checked against.
  await change(recovering, { why: UNDER_WAY, kind: 'recovery', owner, heardAt: ports.clock.now() }, (found) => {
    refuseWhileAtWork(found.quarantine[node], node, ports.clock.now())
    return true
  })
}

/**
 * Re-enables the node, or keeps it in quarantine with the reason of the failure. Changes nothing when another run has
 * taken it over.
 *
 * @returns whether it was ours.
 */
export async function leaveQuarantine(recovering: Recovering, failed?: string): Promise<boolean> {
  const left = failed === undefined ? undefined : { why: failed, kind: 'recovery-failed' as const }
  return await change(recovering, left, (lease) => isOurs(recovering, lease))
}

/**
 * Keeps the node in quarantine and releases it, so that the next recovery need not wait. If the write fails, the
 * missing heartbeat shows the same a little later.
 */
export async function releaseQuarantine(recovering: Recovering): Promise<void> {
  const { ports, node } = recovering
  try {
    const lease = await ports.leases.read(ports.chain.id)
    if (!lease || !isOurs(recovering, lease)) return
    const { owner: _, heardAt: __, ...entry } = lease.quarantine[node] as Quarantine
    await ports.leases.write(ports.chain.id, quarantine(lease, node, { ...entry, kind: 'recovery' }))
  } catch (error) {
    ports.log.warn('an interrupted recovery could not give up its node', { node, error })
  }
}

/** @throws RefusedActError when another run is at work on the node, or the node publishes without commits. */
function refuseWhileAtWork(entry: Quarantine | undefined, node: string, now: number): void {
  if (!entry) return
  const kind = kindOf(entry)
  if (kind === 'override') {
    throw new RefusedActError(
      `${node} ${OVERRIDDEN}`,
      `restart its op-node, which forgets the override, then "baton quarantine ${node} --lift"`,
    )
  }
  if ((kind !== 'recovery' && kind !== 'upgrade') || !isHeldQuarantine(entry, now)) return
  const heard = Math.round(Math.abs(now - (entry.heardAt ?? entry.since)) / 1_000)
  const does = kind === 'recovery' ? 'recovers' : 'upgrades'
  throw new CarriedElsewhereError(
    `${entry.by} ${does} ${node}, and was heard of ${heard} s ago`,
    `wait for its end; if nothing is at work there any more, take ${node} over: "baton quarantine ${node} --why TEXT", then "baton recover ${node}"`,
  )
}

type Left = Pick<Quarantine, 'why' | 'owner' | 'heardAt'> & { readonly kind: QuarantineKind }

/** @param may whether the write still applies to the lease it would change. */
async function change(
  { ports, node, actor }: Recovering,
  left: Left | undefined,
  may: (lease: Lease) => boolean,
): Promise<boolean> {
  const { leases, chain, clock } = ports
  for (let tries = 0; tries < TRIES; tries++) {
    const lease = await leases.read(chain.id)
    if (!lease) return true
    if (!may(lease)) return false
    const entry = left && { since: clock.now(), ...left, by: actor.name }
    const { set, ...write } = quarantine(lease, node, entry)
    // A node that has just proved to work ends the cooldown that began when every candidate had failed.
    const proved = entry ? {} : { cooldownUntil: 0, tried: lease.tried.filter((name) => name !== node) }
    const { applied } = await leases.write(chain.id, { ...write, set: { ...set, ...proved } })
    if (!applied) continue
    // The write is done: an unreadable head must not prevent the record.
    const head = await ports.heads.read(chain.id).catch(() => undefined)
    const message = left ? `quarantined: ${left.why}` : 'put back'
    const reasons = [reason('operator', { message })]
    await record(ports, { what: 'quarantine', actor, term: lease.term, head: head?.number ?? 0n, node, reasons })
    return true
  }
  throw changedTooOften()
}

const changedTooOften = () =>
  new RefusedActError(`the lease changed under each of ${TRIES} tries`, 'look at "baton status" and try again')

/** Whether this node could sequence and no other could, apart from the leader while it commits. */
async function isLastEligible({ ports, node }: Recovering, lease: Lease | undefined): Promise<boolean> {
  const { chain, heads, nodes, policy, clock, port } = ports
  const head = await heads.read(chain.id)
  const lookAtAll = () => Promise.all(nodes.map(({ name }) => port(name).observe(head)))
  const first = await lookAtAll()
  await clock.sleep(BETWEEN_LOOKS_MS)
  const looks = await lookAtAll()
  const observed = Object.fromEntries(
    looks.map((look, i) => [look.node, remember(first[i] && remember(undefined, first[i]), look)]),
  )
  const view = { now: clock.now(), policy, nodes, observed, ...(head && { head }), ...(lease && { lease }) }
  const { verdicts } = decide(view)
  const alive = new Set(
    looks.filter(({ consensus, execution }) => consensus.ok && execution.ok).map((look) => look.node),
  )
  const eligible = verdicts.filter((one) => one.eligible || (one.role === 'leading' && alive.has(one.node)))
  return eligible.length === 1 && eligible[0]?.node === node
}

/** Sends the recovery's heartbeat while `work` runs; once another run has the node, it begins nothing more. */
export function whileAtWork<T>(recovering: Recovering, work: (heard: Recovering) => Promise<T>): Promise<T> {
  return withHeartbeat(
    recovering.ports,
    () => refuseUnlessOurs(recovering),
    (lost) => work({ ...recovering, signal: AbortSignal.any([recovering.signal, lost]) }),
  )
}
