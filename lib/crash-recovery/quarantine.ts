import { RefusedActError } from '../monitor/operate/errors.ts'
import { record } from '../monitor/record.ts'
import { quarantine } from '../protocol/control.ts'
import { decide } from '../protocol/decide.ts'
import { kindOf, OVERRIDDEN, type QuarantineKind, UNDER_WAY } from '../protocol/quarantine.ts'
import { reason } from '../protocol/reason.ts'
import type { Lease, Quarantine } from '../protocol/records.ts'
import { remember } from '../protocol/trail.ts'
import type { Recovering } from './ports.ts'

const TRIES = 5
/**
 * One that is at work is heard of after each method, and begins none after half an hour. Only a long fill says
 * nothing for longer, and two of those give a node the same blocks.
 */
const SILENT_MS = 30 * 60_000
const RECORDS = 200
/** One look does not tell a node whose state is lost from one at work. */
const BETWEEN_LOOKS_MS = 300

/** Whether this node is in quarantine because of a recovery that has not ended. */
export function isUnderWay(lease: Lease | undefined, node: string): boolean {
  const entry = lease?.quarantine[node]
  return entry !== undefined && kindOf(entry) === 'recovery'
}

/** Whether the node is in quarantine because of this very recovery, or of one of the same actor that was cut short. */
export function isOurs({ node, actor }: Recovering, lease: Lease | undefined): boolean {
  return isUnderWay(lease, node) && lease?.quarantine[node]?.by === actor.name
}

/**
 * A recovery goes on only while the node is out for it: two would stop and start the same processes.
 *
 * @throws RefusedActError when somebody has put it back, or taken it over.
 */
export async function refuseUnlessOurs(recovering: Recovering): Promise<void> {
  const { ports, node } = recovering
  const lease = await ports.leases.read(ports.chain.id)
  if (!lease || isOurs(recovering, lease)) return
  const entry = lease.quarantine[node]
  const now = entry ? `${entry.by} keeps it out (${entry.why})` : 'somebody put it back'
  throw new RefusedActError(`${node} is left to others: ${now}`, `see "baton history", then "baton recover ${node}"`)
}

/**
 * Takes the node out of eligibility while it is worked on. Not while somebody else works on it; and not the
 * last eligible node, unless a person asks for it: with it the chain would have nobody left to move to.
 *
 * @throws RefusedActError
 */
export async function enterQuarantine(recovering: Recovering): Promise<void> {
  const { ports, node, actor } = recovering
  const lease = await ports.leases.read(ports.chain.id)
  if (isOurs(recovering, lease)) return
  if (actor.kind === 'baton' && (await isLastEligible(recovering, lease))) {
    throw new RefusedActError(
      `${node} is the last node that could sequence: it is not touched without a person`,
      `bring another node back, or run "baton recover ${node}" yourself`,
    )
  }
  await change(recovering, { why: UNDER_WAY, kind: 'recovery' }, async (found) => {
    const entry = found.quarantine[node]
    if (entry && kindOf(entry) === 'override') {
      throw new RefusedActError(
        `${node} ${OVERRIDDEN}`,
        `restart its op-node, which forgets the override, then "baton quarantine ${node} --lift"`,
      )
    }
    if (entry && isUnderWay(found, node)) await refuseWhileAtWork(recovering, entry)
    return true
  })
}

/**
 * Puts the node back, or keeps it out with the reason why it could not be recovered; leaves it as it is when
 * others have it by now.
 *
 * @returns whether it was ours.
 */
export async function leaveQuarantine(recovering: Recovering, failed?: string): Promise<boolean> {
  const left = failed === undefined ? undefined : { why: failed, kind: 'recovery-failed' as const }
  return await change(recovering, left, async (lease) => isOurs(recovering, lease))
}

/** @throws RefusedActError when whoever is at work on the node was heard of lately. */
async function refuseWhileAtWork({ ports, node }: Recovering, { by, since }: Quarantine): Promise<void> {
  const records = await ports.history.list(ports.chain.id, { limit: RECORDS })
  const last = records.find((one) => one.node === node && one.actor.name === by)
  const silent = ports.clock.now() - Math.max(since, last?.at ?? 0)
  if (silent > SILENT_MS) return
  throw new RefusedActError(
    `${by} recovers ${node}, and was heard of ${Math.round(silent / 1_000)} s ago`,
    `wait for its end; if nothing is at work there any more, take ${node} over: "baton quarantine ${node} --why TEXT", then "baton recover ${node}"`,
  )
}

/** @param may whether the write is still wanted, by the lease it would change. */
async function change(
  { ports, node, actor }: Recovering,
  left: { readonly why: string; readonly kind: QuarantineKind } | undefined,
  may: (lease: Lease) => Promise<boolean>,
): Promise<boolean> {
  const { leases, chain, clock } = ports
  for (let tries = 0; tries < TRIES; tries++) {
    const lease = await leases.read(chain.id)
    if (!lease) return true
    if (!(await may(lease))) return false
    const entry = left && { since: clock.now(), ...left, by: actor.name }
    const { set, ...write } = quarantine(lease, node, entry)
    // A node that was just proved to work ends the pause that began when every candidate had failed.
    const proved = entry ? {} : { cooldownUntil: 0, tried: lease.tried.filter((name) => name !== node) }
    const { applied } = await leases.write(chain.id, { ...write, set: { ...set, ...proved } })
    if (!applied) continue
    // It is done: what cannot be read now must not keep it from being recorded.
    const head = await ports.heads.read(chain.id).catch(() => undefined)
    const message = left ? `quarantined: ${left.why}` : 'put back'
    const reasons = [reason('operator', { message })]
    await record(ports, { what: 'quarantine', actor, term: lease.term, head: head?.number ?? 0n, node, reasons })
    return true
  }
  throw new RefusedActError(`the lease changed under each of ${TRIES} tries`, 'look at "baton status" and try again')
}

/** Whether this node could sequence and, apart from the holder while it commits, no other could. */
async function isLastEligible({ ports, node }: Recovering, lease: Lease | undefined): Promise<boolean> {
  const { chain, heads, nodes, policy, clock, port } = ports
  const head = await heads.read(chain.id)
  const lookAtAll = () => Promise.all(nodes.map(({ name }) => port(name).observe(head)))
  const first = await lookAtAll()
  await clock.sleep(BETWEEN_LOOKS_MS)
  const looks = await lookAtAll()
  const trails = Object.fromEntries(
    looks.map((look, i) => [look.node, remember(first[i] && remember(undefined, first[i]), look)]),
  )
  const view = { now: clock.now(), policy, nodes, trails, ...(head && { head }), ...(lease && { lease }) }
  const { verdicts } = decide(view)
  const alive = new Set(
    looks.filter(({ consensus, execution }) => consensus.ok && execution.ok).map((look) => look.node),
  )
  const eligible = verdicts.filter((one) => one.eligible || (one.role === 'leading' && alive.has(one.node)))
  return eligible.length === 1 && eligible[0]?.node === node
}
