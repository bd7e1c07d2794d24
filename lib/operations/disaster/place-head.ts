import { packSeed } from '../../context/payloads.ts'
import type { ChainPorts } from '../../context/ports.ts'
import { PERSISTENTLY, record } from '../../context/record.ts'
import { changeLease } from '../../operator/change-lease.ts'
import { configuredNode } from '../../operator/configured-node.ts'
import { RefusedActError, UnfinishedActError } from '../../operator/errors.ts'
import { refuseUnless } from '../../operator/modes.ts'
import type { BlockId } from '../../protocol/block.ts'
import { seedHead, seedLease } from '../../protocol/bootstrap.ts'
import { dropSwitchover, requestSwitchover } from '../../protocol/control.ts'
import { moveHead } from '../../protocol/follow-l1.ts'
import { latestFor } from '../../protocol/orders.ts'
import { reason } from '../../protocol/reason.ts'
import type { Actor, Lease, NodeName, Switchover } from '../../protocol/records.ts'
import { begun } from './ask.ts'
import { type Candidate, findBlock, type Survey, surveyChain } from './survey.ts'
import { formatCandidate } from './text.ts'

/** An operator's confirmation: the block, by its full hash, and whether it may differ from the vote. */
export type Placing = {
  readonly hash: string
  readonly by: string
  /** The node to continue from there, fit or not; absent = Baton chooses. */
  readonly to?: NodeName
  readonly againstVote?: boolean | undefined
}

/** Delay before the named node's request is due: the monitor first needs a moment to follow the head. */
const SETTLE_MS = 2_000
/** The named node is granted first by a monitor that begins within this time. */
const MONITOR_MS = 600_000

/** Prefix of a cold start's request id: a cold start that was cut short finds its own request again. */
const COLD_START = 'cold-start-'

/**
 * Makes a named block the head of a chain whose head is lost or wrong. The monitor then grants a node (`to`, if named),
 * brings it there and starts it. Nothing is invented: the block must be on a node or in the archive, and the operator
 * gives its hash.
 *
 * @throws RefusedActError when the block is unknown, or not the vote's, or another switchover is pending; nothing was
 * changed.
 * @throws UnfinishedActError when the head was not moved, but the named node was requested, and maybe granted.
 * @throws StoreUnavailableError when it is unknown whether the head was written; repeating is safe.
 */
export async function placeHead(ports: ChainPorts, { hash, by, to, againstVote = false }: Placing): Promise<Candidate> {
  const { chosen, survey } = await confirmPlacing(ports, { hash, by, againstVote, ...(to !== undefined && { to }) })
  const { head, lease, term } = survey
  const { block } = chosen
  const { clock, heads, leases, chain } = ports
  const payload = head ? undefined : await packSeed(ports, block)
  // Before the head: otherwise a monitor would choose the node itself.
  const first = to === undefined ? undefined : await askFor(ports, lease, to, by)
  const actor: Actor = { kind: 'operator', name: by }
  const now = clock.now()
  const from = head ? `from block ${head.number} ${head.hash}` : 'where none was left'
  const told = `${from}; ${formatCandidate(chosen, ports.nodes.length)}`
  const why = reason('head-placed', { number: String(block.number), hash: block.hash, told })
  const write = head ? moveHead(head, block, now, actor, why) : seedHead(block, term + 1, now, payload)
  const placed = await heads.write(chain.id, write)
  if (!placed.applied) {
    const is = placed.old ? `block ${placed.old.number} of term ${placed.old.term}` : 'gone'
    const changed = `the head changed meanwhile: it is ${is}`
    if (lease && first) await withdraw(ports, first, by, changed)
    throw new RefusedActError(changed, 'check "baton status", then try again')
  }
  if (!lease) await leases.write(chain.id, seedLease('', placed.item.term, actor, now, { first }))
  const node = to === undefined ? {} : { node: to }
  const event = { what: 'place-head', actor, term: placed.item.term, head: block.number, ...node, reasons: [why] }
  await record(ports, event, PERSISTENTLY)
  return chosen
}

/** Requests the named node, or finds the request of an earlier attempt. Without a lease, the first lease carries it. */
async function askFor(ports: ChainPorts, lease: Lease | undefined, to: NodeName, by: string): Promise<Switchover> {
  const pending = lease?.switchover
  if (pending?.id.startsWith(COLD_START) && pending.to === to) return pending
  if (pending)
    throw new RefusedActError(
      `a switchover to ${pending.to ?? 'the best standby'}, asked for by ${pending.by}, is pending`,
      'withdraw it with "baton switchover --cancel", then try again',
    )
  const askedAt = ports.clock.now()
  const notBefore = askedAt + SETTLE_MS
  const latest = latestFor(askedAt, notBefore, MONITOR_MS)
  const first: Switchover = { id: `${COLD_START}${ports.suffix()}`, to, notBefore, by, force: true, askedAt, latest }
  const act = { what: 'switchover', by, message: `asked for a switchover to ${to}, fit or not`, node: to }
  if (!lease) return first
  await changeLease(ports, act, (each) => {
    // Also checks what was ordered since the survey.
    refuseUnless('switchover', each)
    return requestSwitchover(each, first)
  })
  return first
}

/** Withdraws the request unless it was carried out. */
async function withdraw(ports: ChainPorts, { id, to }: Switchover, by: string, why: string): Promise<void> {
  const act = { what: 'cancel-switchover', by, message: 'withdrew the switchover: the head was not placed' }
  const withdrawn = changeLease(ports, act, (lease) => {
    if (lease.switchover?.id !== id)
      throw new UnfinishedActError(
        `${why}; the forced switchover to ${to} was carried out already`,
        'see "baton history"',
      )
    return dropSwitchover(lease, { outcome: 'withdrawn', by })
  })
  await begun(`a forced switchover to ${to} is pending: "baton switchover --cancel"`, withdrawn)
}

/**
 * Checks that the block may become the head; changes nothing.
 *
 * @throws RefusedActError as `placeHead`.
 */
export async function confirmPlacing(ports: ChainPorts, { hash, to, againstVote = false }: Placing) {
  const survey = await surveyChain(ports)
  refuseUnless(to === undefined ? 're-seed' : 'cold-start', survey.lease)
  const chosen = await confirm(ports, survey, hash, againstVote)
  if (to !== undefined) await checkTarget(ports, to, chosen.block)
  return { survey, chosen }
}

/** A node that already has blocks above the new head could never start at it: the chain would stand still. */
async function checkTarget(ports: ChainPorts, to: NodeName, block: BlockId): Promise<void> {
  configuredNode(ports.nodes, to)
  const { consensus } = await ports.port(to).observe(block)
  if (!consensus.ok || consensus.value.unsafe.number <= block.number) return
  throw new RefusedActError(
    `${to} is at block ${consensus.value.unsafe.number}, above ${block.number}: it could not be started there`,
    'stop its op-node, unwind its execution client to that block (debug_setHead), start it again, and repeat this',
  )
}

async function confirm(ports: ChainPorts, survey: Survey, hash: string, againstVote: boolean): Promise<Candidate> {
  const { best, candidates, deriving, unread } = survey
  const moving = deriving.length > 0 ? `no block has the votes yet: ${deriving.join(', ')}` : 'no block has the votes'
  const none = unread === undefined ? moving : `the archive cannot be read (${unread})`
  const offered = best ? `the votes are for block ${best.block.number} ${best.block.hash}` : none
  const look = 'see "baton disaster survey"'
  if (!/^0x[0-9a-f]{64}$/.test(hash)) throw new RefusedActError(`"${hash}" is not a block hash`, look)
  const found = await findBlock(ports, survey, hash as Candidate['block']['hash'])
  if (!found) throw new RefusedActError(`neither a node nor the archive has block ${hash}; ${offered}`, look)
  if (found.block.hash === best?.block.hash || againstVote) return found
  const lost = candidates.filter(({ committed, block }) => committed === true && block.number > found.block.number)
  const price = lost.length > 0 ? `; ${lost.length} committed blocks or more would be given up` : ''
  throw new RefusedActError(
    `${offered}, not for ${found.block.number} ${hash}${price}`,
    `${look}; "--against-vote" insists`,
  )
}
