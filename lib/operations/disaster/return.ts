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

/** What came of it. */
export type Returned = {
  readonly tip: Block
  /** Blocks published without commits, now part of the committed chain. */
  readonly adopted: number
  /** Whether the node's process was restarted, which alone ends its override. */
  readonly restarted: boolean
}

/**
 * The way back from an override: stops the node, takes over the blocks it published, each proven the child
 * of the one before down to the committed head, keeps them in the archive, and lets Baton grant again. If
 * its machine takes steps, its op-node is restarted; else it stays out until somebody does that. Doing it again
 * goes on where it was cut short, once with the hash of the head as it is then.
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
  // Overridden while the records could not be written: they still name a leader.
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
 * Looks whether the block is the committed head, and the node has come above it, or the return from there was cut
 * short; changes nothing.
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
 * Restarts its op-node where its machine takes steps. An exit code proves nothing, and a process that was never away
 * has its override still: only one that was seen away and ended well counts.
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
 * Lets Baton grant again, and puts the node back if its override has ended: in one write, so that neither is left over.
 * Only the override this return began from (`since`) ends: of one ordered meanwhile the node publishes anew.
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
      throw new RefusedActError(`${node} was overridden anew meanwhile, by ${override.by}`, 'see "baton status"')
    // Its sequencer is off: it publishes nothing any more. But its process would, whoever started it.
    const aside = { since: now, why: AWAITS_RESTART, by, kind: 'awaits-restart' }
    return inOneWrite(mode, quarantine(lease, node, restarted ? undefined : aside))
  })
}
