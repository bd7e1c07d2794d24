import { blockOfPayload } from '../chain/block-of-payload.ts'
import { RefusedActError } from '../monitor/operate/errors.ts'
import { setQuarantine } from '../monitor/operate/modes.ts'
import type { ChainPorts, NodePort } from '../monitor/ports.ts'
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
/** So many payloads are read and archived at a time. */
const TOGETHER = 16
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
  const found = await confirmReturn(ports, { node, hash })
  // Overridden while the records could not be written: they still name a holder.
  const head = found.holder === '' ? found : await closeToAll(ports, found, node, by)
  const tip = await stoppedTip(ports, node)
  const { newest, count } = await takeOver(ports, node, tip, head)
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
  const evidence = { from: node, number: String(to.number), hash: to.hash, count }
  await record(ports, {
    what: 'return',
    actor,
    term: head.term + 1,
    head: to.number,
    node,
    reasons: [reason('returned', evidence, node)],
  })
  return { tip: to, adopted: count, restarted }
}

/**
 * Looks whether the block is the committed head, and the node has come above it; changes nothing.
 *
 * @throws RefusedActError
 */
export async function confirmReturn(
  ports: ChainPorts,
  { node, hash }: { readonly node: NodeName; readonly hash: string },
): Promise<Head> {
  if (!ports.nodes.some(({ name }) => name === node))
    throw new RefusedActError(`no node "${node}" is configured`, 'name a configured node')
  const found = await ports.heads.read(ports.chain.id)
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
  if (above.number - found.number > MOST) throw tooMany(above.number - found.number)
  return found
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

/** The blocks above the head, each archived, oldest first; every link down to the head is checked before. */
async function takeOver(ports: ChainPorts, node: NodeName, tip: BlockId, head: Head) {
  const path = await linkedPath(ports.port(node), node, tip, head)
  const archive = chainArchive(ports.objects, ports.chain.id)
  let newest: { readonly block: Block; readonly payload: Uint8Array } | undefined
  for (let i = 0; i < path.length; i += TOGETHER) {
    const kept = await Promise.all(
      path.slice(i, i + TOGETHER).map(async (id) => {
        const envelope = await ports.port(node).payload(id)
        const block = envelope === undefined ? undefined : blockOfPayload(envelope)
        if (envelope === undefined || block?.parentHash !== id.parentHash)
          throw new RefusedActError(`${node} has no block ${id.number} ${id.hash}`, 'see its log, then try again')
        const payload = await packPayload(envelope)
        await archive.put({ ...head, ...block, payload })
        return { block, payload }
      }),
    )
    newest = kept.at(-1)
  }
  return { newest, count: path.length }
}

/** The blocks from the head's child up to the tip. Throws RefusedActError when they do not lead down to the head. */
async function linkedPath(port: NodePort, node: NodeName, tip: BlockId, head: Head): Promise<readonly Block[]> {
  if (tip.hash === head.hash) return []
  if (tip.number <= head.number)
    throw new RefusedActError(
      `${node} stands at block ${tip.number}, not above the head ${head.number}`,
      'place the head by name',
    )
  if (tip.number - head.number > MOST) throw tooMany(tip.number - head.number)
  const path: Block[] = []
  for (let wanted: BlockId = tip; wanted.number > head.number; ) {
    const block = await port.block({ hash: wanted.hash })
    if (block?.number !== wanted.number)
      throw new RefusedActError(`${node} has no block ${wanted.number} ${wanted.hash}`, 'see its log')
    path.push(block)
    wanted = { number: block.number - 1n, hash: block.parentHash }
    if (wanted.number === head.number && wanted.hash !== head.hash)
      throw new RefusedActError(
        `its block ${block.number} has the parent ${wanted.hash}, not the committed head ${head.hash}`,
        `${node} stays stopped; nothing was adopted`,
      )
  }
  return path.reverse()
}

function tooMany(blocks: bigint): RefusedActError {
  return new RefusedActError(`${blocks} blocks are too many to take over one by one`, 'place the head by name')
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
