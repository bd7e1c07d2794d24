import { RefusedActError } from '../monitor/operate/errors.ts'
import { record } from '../monitor/record.ts'
import { quarantine, UNDER_WAY } from '../protocol/control.ts'
import { decide } from '../protocol/decide.ts'
import { reason } from '../protocol/reason.ts'
import type { Lease } from '../protocol/records.ts'
import { remember } from '../protocol/trail.ts'
import type { Recovering } from './ports.ts'

const TRIES = 5
/** One look does not tell a node whose state is lost from one at work. */
const BETWEEN_LOOKS_MS = 300

/** Whether this node is in quarantine because of a recovery that has not ended. */
export function isUnderWay(lease: Lease | undefined, node: string): boolean {
  return lease?.quarantine[node]?.why === UNDER_WAY
}

/**
 * Takes the node out of eligibility while it is worked on. The last eligible node is not, unless a
 * person asks for it: with it the chain would have nobody left to move to.
 *
 * @throws RefusedActError
 */
export async function enterQuarantine(recovering: Recovering): Promise<void> {
  const { ports, node, actor } = recovering
  const lease = await ports.leases.read(ports.chain.id)
  if (isUnderWay(lease, node) && lease?.quarantine[node]?.by === actor.name) return
  if (actor.kind === 'baton' && (await isLastEligible(recovering, lease))) {
    throw new RefusedActError(
      `${node} is the last node that could sequence: it is not touched without a person`,
      `bring another node back, or run "baton recover ${node}" yourself`,
    )
  }
  await change(recovering, UNDER_WAY)
}

/** Puts the node back, or keeps it out with the reason why it could not be recovered. */
export async function leaveQuarantine(recovering: Recovering, failed?: string): Promise<void> {
  await change(recovering, failed)
}

async function change({ ports, node, actor }: Recovering, why: string | undefined): Promise<void> {
  const { leases, chain, clock } = ports
  for (let tries = 0; tries < TRIES; tries++) {
    const lease = await leases.read(chain.id)
    if (!lease) return
    const entry = why === undefined ? undefined : { since: clock.now(), why, by: actor.name }
    const { set, ...write } = quarantine(lease, node, entry)
    // A node that was just proved to work ends the pause that began when every candidate had failed.
    const proved = entry ? {} : { cooldownUntil: 0, tried: lease.tried.filter((name) => name !== node) }
    const { applied } = await leases.write(chain.id, { ...write, set: { ...set, ...proved } })
    if (!applied) continue
    const head = await ports.heads.read(chain.id)
    const message = why === undefined ? 'put back' : `quarantined: ${why}`
    const reasons = [reason('operator', { message })]
    await record(ports, { what: 'quarantine', actor, term: lease.term, head: head?.number ?? 0n, node, reasons })
    return
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
