import { RefusedActError } from '../monitor/operate/errors.ts'
import { packSeed } from '../monitor/payloads.ts'
import type { ChainPorts } from '../monitor/ports.ts'
import { record } from '../monitor/record.ts'
import type { BlockId } from '../protocol/block.ts'
import { requestSwitchover } from '../protocol/control.ts'
import { moveHead } from '../protocol/follow-l1.ts'
import { reason } from '../protocol/reason.ts'
import type { Actor, NodeName, Switchover } from '../protocol/records.ts'
import { seedHead, seedLease } from '../protocol/seed.ts'
import { type Candidate, findBlock, type Survey, surveyChain } from './survey.ts'
import { tellCandidate } from './tell.ts'

/** What an operator confirms: the block, by its whole hash, and whether it may be another than the votes are for. */
export type Placing = {
  readonly hash: string
  readonly by: string
  /** Who is to go on from there, fit or not; absent = whom Baton grants. */
  readonly to?: NodeName
  readonly againstVote?: boolean
}

/** What is done while a named node waits for its grant: the monitor needs a moment to follow the head. */
const SETTLE_MS = 2_000

/**
 * Makes a named block the head: of a chain whose head was lost, or whose head is wrong. The monitor then
 * grants a node (`to`, if named), brings it there and starts it. Nothing is invented: the block must be on a
 * node or in the archive, and the operator gives its hash.
 *
 * @throws RefusedActError when the block is unknown, or not the one the votes are for; nothing was changed.
 * @throws StoreUnavailableError when it is not known whether the head was written; doing it again is safe.
 */
export async function placeHead(ports: ChainPorts, { hash, by, to, againstVote = false }: Placing): Promise<Candidate> {
  const { chosen, survey } = await confirmPlacing(ports, { hash, by, againstVote, ...(to !== undefined && { to }) })
  const { head, lease, term } = survey
  const { block } = chosen
  const { clock, heads, leases, chain } = ports
  const now = clock.now()
  const actor: Actor = { kind: 'operator', name: by }
  const first: Switchover | undefined =
    to === undefined ? undefined : { id: ports.suffix(), to, notBefore: now + SETTLE_MS, by, force: true }

  if (lease && first) {
    const asked = await leases.write(chain.id, requestSwitchover(lease, first))
    if (!asked.applied)
      throw new RefusedActError('the lease changed meanwhile', 'look at "baton status", then try again')
  }
  const write = head ? moveHead(head, block, now) : seedHead(block, term + 1, now, await packSeed(ports, block))
  const placed = await heads.write(chain.id, write)
  if (!placed.applied) {
    const is = placed.old ? `block ${placed.old.number} of term ${placed.old.term}` : 'gone'
    throw new RefusedActError(`the head changed meanwhile: it is ${is}`, 'look at "baton status", then try again')
  }
  if (!lease) await leases.write(chain.id, seedLease('', placed.item.term, actor, now, first))
  const from = head ? `from block ${head.number} ${head.hash}` : 'where none was left'
  const told = `${from}; ${tellCandidate(chosen, ports.nodes.length)}`
  await record(ports, {
    what: 'place-head',
    actor,
    term: placed.item.term,
    head: block.number,
    ...(to !== undefined && { node: to }),
    reasons: [reason('head-placed', { number: String(block.number), hash: block.hash, told })],
  })
  return chosen
}

/**
 * Looks whether the block may become the head; changes nothing.
 *
 * @throws RefusedActError as `placeHead`.
 */
export async function confirmPlacing(ports: ChainPorts, { hash, to, againstVote = false }: Placing) {
  const survey = await surveyChain(ports)
  const chosen = await confirm(ports, survey, hash, againstVote)
  if (to !== undefined) await checkTarget(ports, to, chosen.block)
  return { survey, chosen }
}

/** A node that already has blocks above the new head could never be started at it: the chain would stand still. */
async function checkTarget(ports: ChainPorts, to: NodeName, block: BlockId): Promise<void> {
  if (!ports.nodes.some(({ name }) => name === to))
    throw new RefusedActError(`no node "${to}" is configured`, 'name a configured node')
  const { consensus } = await ports.port(to).observe(block)
  if (!consensus.ok || consensus.value.unsafe.number <= block.number) return
  throw new RefusedActError(
    `${to} is at block ${consensus.value.unsafe.number}, above ${block.number}: it could not be started there`,
    'stop its op-node, unwind its execution client to that block (debug_setHead), start it again, and repeat this',
  )
}

async function confirm(ports: ChainPorts, survey: Survey, hash: string, againstVote: boolean): Promise<Candidate> {
  const { best, candidates } = survey
  const offered = best ? `the votes are for block ${best.block.number} ${best.block.hash}` : 'no block has the votes'
  const look = 'see "baton disaster survey"'
  if (!/^0x[0-9a-f]{64}$/.test(hash)) throw new RefusedActError(`"${hash}" is no block hash`, look)
  const found = await findBlock(ports, survey, hash as Candidate['block']['hash'])
  if (!found) throw new RefusedActError(`neither a node nor the archive has block ${hash}; ${offered}`, look)
  if (found.block.hash === best?.block.hash || againstVote) return found
  const lost = candidates.filter(({ committed, block }) => committed && block.number > found.block.number)
  const price = lost.length > 0 ? `; ${lost.length} committed blocks or more would be given up` : ''
  throw new RefusedActError(
    `${offered}, not for ${found.block.number} ${hash}${price}`,
    `${look}; "--against-vote" insists`,
  )
}
