import type { ChainPorts } from '../../context/ports.ts'
import { PERSISTENTLY, record } from '../../context/record.ts'
import { watchStep } from '../../host/host.ts'
import { changeLease } from '../../operator/change-lease.ts'
import { configuredNode } from '../../operator/configured-node.ts'
import { RefusedActError, UnfinishedActError } from '../../operator/errors.ts'
import { refuseUnless } from '../../operator/modes.ts'
import type { Block } from '../../protocol/block.ts'
import { quarantine, setMode } from '../../protocol/control.ts'
import { isSeenAway } from '../../protocol/observation.ts'
import { AWAITS_RESTART, kindOf } from '../../protocol/quarantine.ts'
import { reason } from '../../protocol/reason.ts'
import type { Actor, Head, Lease, NodeName, Quarantine } from '../../protocol/records.ts'
import { begun } from './ask.ts'
import { closeToAll, inOneWrite } from './close.ts'
import { stopAndSee } from './stop.ts'
import { checkCount, moveUp, takeOver } from './take-over.ts'

/** The result of a return. */
export type Returned = {
  readonly tip: Block
  /** Blocks published without commits, now part of the committed chain. */
  readonly adopted: number
  /** Whether the node's process was restarted; only that ends its override. */
  readonly restarted: boolean
}

/**
 * The way back from an override: stops the node, adopts the blocks it published, archives them, and lets Baton grant
 * again. Each block is proved the child of the one before, down to the committed head. If its machine runs steps,
 * op-node is restarted; otherwise the node stays quarantined until a person restarts it. Repeating the act continues
 * where it was cut short, with the hash of the head at that time.
 *
 * @param hash of the committed head, as confirmation.
 * @throws RefusedActError when it is not, there is nothing to return from, or another node publishes without commits.
 * @throws UnfinishedActError when its blocks do not descend from the head; then it stays stopped.
 */
export async function returnFromOverride(
  ports: ChainPorts,
  { node, hash, by }: { node: NodeName; hash: string; by: string },
): Promise<Returned> {
  const { heads, chain, clock } = ports
  const found = await confirmReturn(ports, { node, hash })
  // The override began while the records were not writable, so they still name a leader.
  const head = found.leader === '' ? found : await closeToAll(ports, found, node, by)
  const since = overrideOf(await ports.leases.read(chain.id), node)?.since
  const tip = await stopAndSee(ports, node)
  const stopped = `${node} is stopped, none of its blocks was adopted`
  const { newest, count } = await begun(stopped, takeOver(ports, node, tip, head))
  const to = newest?.block ?? head
  const actor: Actor = { kind: 'operator', name: by }
  const why = reason('returned', { from: node, number: String(to.number), hash: to.hash, count }, node)
  const moved = newest && (await begun(stopped, heads.write(chain.id, moveUp(head, newest, clock.now(), actor, why))))
  if (moved?.applied === false)
    throw new UnfinishedActError(
      `the head changed meanwhile: it is block ${moved.old?.number} ${moved.old?.hash}; ${stopped}`,
      'look at "baton status"',
    )
  const restarted = await restart(ports, node)
  await begun(`the blocks of ${node} are adopted, Baton is still paused`, letGo(ports, { node, by, restarted, since }))
  const term = moved?.item.term ?? head.term
  await record(ports, { what: 'return', actor, term, head: to.number, node, reasons: [why] }, PERSISTENTLY)
  return { tip: to, adopted: count, restarted }
}

/**
 * Checks that the block is the committed head, and that the node is above it or a return from there was cut short;
 * changes nothing.
 *
 * @throws RefusedActError
 */
export async function confirmReturn(
  ports: ChainPorts,
  { node, hash }: { readonly node: NodeName; readonly hash: string },
): Promise<Head> {
  configuredNode(ports.nodes, node)
  const lease = await ports.leases.read(ports.chain.id)
  refuseUnless('return', lease, node)
  const found = await ports.heads.read(ports.chain.id)
  if (!found) throw new RefusedActError('there is no head', 'place one first: "baton disaster re-seed"')
  if (found.hash !== hash)
    throw new RefusedActError(
      `${hash} is not the committed head: that is ${found.number} ${found.hash}`,
      'confirm with its hash',
    )
  const above = await ports.port(node).unsafe()
  if (above.hash === found.hash && found.leader === '' && overrideOf(lease, node)) return found
  if (above.number <= found.number)
    throw new RefusedActError(
      `${node} is at block ${above.number}, not above the head ${found.number}`,
      'nothing to return from',
    )
  checkCount(above.number - found.number)
  return found
}

function overrideOf(lease: Lease | undefined, node: NodeName): Quarantine | undefined {
  const entry = lease?.quarantine[node]
  return entry && kindOf(entry) === 'override' ? entry : undefined
}

/**
 * Restarts op-node if its machine runs steps. An exit code proves nothing, and a process that never went away keeps its
 * override: only one that was observed down and that ended well counts.
 */
async function restart({ host, port, clock, log }: ChainPorts, node: NodeName): Promise<boolean> {
  const machine = host?.(node)
  if (!machine) return false
  const isDown = async () => {
    const { consensus } = await port(node).observe(undefined, true)
    return !consensus.ok && isSeenAway(consensus.failure)
  }
  try {
    const { exitCode, wentDown } = await watchStep(() => machine.run('restart-consensus'), isDown, clock)
    return exitCode === 0 && wentDown
  } catch (error) {
    log.warn('the restart failed', { node, error: String(error) })
    return false
  }
}

/**
 * Lets Baton grant again, and re-enables the node if its override has ended: in one write, so that they never diverge.
 * Only the override this return began from (`since`) ends: if another one was ordered meanwhile, the node publishes
 * again.
 */
async function letGo(
  ports: ChainPorts,
  {
    node,
    by,
    restarted,
    since,
  }: { readonly node: NodeName; readonly by: string; readonly restarted: boolean; readonly since: number | undefined },
): Promise<void> {
  if (!(await ports.leases.read(ports.chain.id))) return
  const now = ports.clock.now()
  await changeLease(ports, { what: 'resume', by, message: 'automatic acts allowed', node }, (lease) => {
    refuseUnless('return', lease, node)
    const mode = setMode(lease, 'auto', by, now)
    const override = overrideOf(lease, node)
    if (!override) return mode
    if (override.since !== since)
      throw new RefusedActError(`${node} was overridden again meanwhile, by ${override.by}`, 'see "baton status"')
    // Its sequencer is off, so it publishes nothing. But its process would publish as soon as its sequencer were
    // started.
    const aside = { since: now, why: AWAITS_RESTART, by, kind: 'awaits-restart' }
    return inOneWrite(mode, quarantine(lease, node, restarted ? undefined : aside))
  })
}
