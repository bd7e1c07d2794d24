import { blockOfPayload } from '../chain/block-of-payload.ts'
import { RefusedActError } from '../monitor/operate/errors.ts'
import { setQuarantine } from '../monitor/operate/modes.ts'
import type { ChainPorts } from '../monitor/ports.ts'
import { record } from '../monitor/record.ts'
import type { Block, BlockId } from '../protocol/block.ts'
import { setMode } from '../protocol/control.ts'
import { moveHead } from '../protocol/follow-l1.ts'
import { reason } from '../protocol/reason.ts'
import type { Actor, Head, NodeName } from '../protocol/records.ts'
import { chainArchive } from '../store/archive.ts'
import { packPayload } from '../store/payload.ts'
import { closeToAll, OVERRIDDEN } from './close.ts'

/** More blocks than this are not taken over one by one: place the head, and let the archive keep its hole. */
const MOST = 20_000n
/** A stopped node's status follows a moment later. */
const SETTLE_MS = 5_000

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
 * its machine takes steps, its op-node is restarted; else it stays out until somebody does that.
 *
 * @param hash of the committed head, as confirmation.
 * @throws RefusedActError when its blocks do not descend from the head; then it stays stopped.
 */
export async function returnFromOverride(
  ports: ChainPorts,
  { node, hash, by }: { node: NodeName; hash: string; by: string },
): Promise<Returned> {
  const { heads, leases, chain, clock } = ports
  if (!ports.nodes.some(({ name }) => name === node))
    throw new RefusedActError(`no node "${node}" is configured`, 'name a configured node')
  const found = await heads.read(chain.id)
  if (!found) throw new RefusedActError('there is no head', 'place one first: "baton disaster re-seed"')
  if (found.hash !== hash)
    throw new RefusedActError(
      `${hash} is not the committed head: that is ${found.number} ${found.hash}`,
      'confirm with its hash',
    )
  const above = await ports.port(node).unsafe()
  if (above.number <= found.number)
    throw new RefusedActError(
      `${node} is at block ${above.number}, not above the head ${found.number}`,
      'nothing to return from',
    )
  // Overridden while the records could not be written: they still name a holder.
  const head = found.holder === '' ? found : await closeToAll(ports, found, node, by)
  const tip = await stoppedTip(ports, node)
  const blocks = await takeOver(ports, node, tip, head)
  const newest = blocks.at(-1)
  const now = clock.now()
  if (newest) {
    const { payload } = newest
    const write = moveHead(head, newest.block, now)
    const { set, remove = [] } = write
    const forward = { ...write, set: { ...set, payload }, remove: remove.filter((field) => field !== 'payload') }
    const moved = await heads.write(chain.id, forward)
    if (!moved.applied) throw new RefusedActError('the head changed meanwhile', 'look at "baton status"')
  }
  const restarted = await restart(ports, node, by)
  const lease = await leases.read(chain.id)
  if (lease) await leases.write(chain.id, setMode(lease, 'auto', by, now))
  const actor: Actor = { kind: 'operator', name: by }
  const to = newest?.block ?? head
  const evidence = { from: node, number: String(to.number), hash: to.hash, count: blocks.length }
  await record(ports, {
    what: 'return',
    actor,
    term: head.term + 1,
    head: to.number,
    node,
    reasons: [reason('returned', evidence, node)],
  })
  return { tip: to, adopted: blocks.length, restarted }
}

/** Stops the node, unless it stands already, and returns where it stands. */
async function stoppedTip({ port, clock }: ChainPorts, node: NodeName): Promise<BlockId> {
  const stopped = await port(node)
    .stop()
    .catch((error: Error) => (error.message.includes('not running') ? undefined : Promise.reject(error)))
  const until = clock.now() + SETTLE_MS
  for (;;) {
    const tip = await port(node).unsafe()
    if (stopped === undefined || tip.hash === stopped) return tip
    if (clock.now() > until)
      throw new RefusedActError(
        `${node} stopped at ${stopped} but names another head`,
        'look at its log, then try again',
      )
    await clock.sleep(50)
  }
}

/** The blocks above the head, oldest first, each archived; every link down to the head is checked before. */
async function takeOver({ port, objects, chain }: ChainPorts, node: NodeName, tip: BlockId, head: Head) {
  if (tip.hash === head.hash) return []
  if (tip.number <= head.number)
    throw new RefusedActError(
      `${node} stands at block ${tip.number}, not above the head ${head.number}`,
      'place the head by name',
    )
  if (tip.number - head.number > MOST)
    throw new RefusedActError(
      `${tip.number - head.number} blocks are too many to take over one by one`,
      'place the head by name',
    )
  const linked: { block: Block; envelope: string }[] = []
  for (let wanted: BlockId = tip; wanted.number > head.number; ) {
    const envelope = await port(node).payload(wanted)
    if (envelope === undefined)
      throw new RefusedActError(`${node} has no block ${wanted.number} ${wanted.hash}`, 'see its log')
    const block = blockOfPayload(envelope)
    linked.push({ block, envelope })
    wanted = { number: block.number - 1n, hash: block.parentHash }
    if (wanted.number === head.number && wanted.hash !== head.hash)
      throw new RefusedActError(
        `its block ${block.number} has the parent ${wanted.hash}, not the committed head ${head.hash}`,
        `${node} stays stopped; nothing was adopted`,
      )
  }
  const archive = chainArchive(objects, chain.id)
  const kept: { block: Block; payload: Uint8Array }[] = []
  for (const { block, envelope } of linked.reverse()) {
    const payload = await packPayload(envelope)
    await archive.put({ ...head, ...block, payload })
    kept.push({ block, payload })
  }
  return kept
}

/** Restarts its op-node where its machine takes steps, and puts it back; else it stays out. */
async function restart(ports: ChainPorts, node: NodeName, by: string): Promise<boolean> {
  const ended = await ports
    .host?.(node)
    ?.run('restart-consensus')
    .catch(() => undefined)
  if (ended?.exitCode !== 0) return false
  const lease = await ports.leases.read(ports.chain.id)
  if (lease?.quarantine[node]?.why === OVERRIDDEN) await setQuarantine(ports, node, undefined, by)
  return true
}
