import { blockOfPayload } from '../../chain/envelope.ts'
import type { ChainPorts, NodePort } from '../../context/ports.ts'
import { RefusedActError } from '../../operator/errors.ts'
import type { Block, BlockId } from '../../protocol/block.ts'
import { moveHead } from '../../protocol/follow-l1.ts'
import type { Reason } from '../../protocol/reason.ts'
import type { Actor, Head, NodeName } from '../../protocol/records.ts'
import type { Write } from '../../protocol/write.ts'
import { chainArchive } from '../../store/archive.ts'
import { MAX_INLINE_BYTES, packPayload } from '../../store/payload.ts'

/** Beyond this, blocks are not adopted one by one: place the head, and let the archive keep the gap. */
const MOST = 20_000n
/** Payloads read and archived at a time. */
const TOGETHER = 16

/** A block with its packed, archived payload. */
type Taken = { readonly block: Block; readonly payload: Uint8Array }

/** The blocks above the head, each archived, oldest first; checks every link down to the head first. */
export async function takeOver(ports: ChainPorts, node: NodeName, tip: BlockId, head: Head) {
  const path = await linkedPath(ports.port(node), node, tip, head)
  const archive = chainArchive(ports.objects, ports.chain.id)
  let newest: Taken | undefined
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

/** Advances the head to an adopted block. A payload too large for the item is only in the archive. */
export function moveUp(head: Head, { block, payload }: Taken, at: number, by: Actor, why: Reason): Write<Head> {
  const write = moveHead(head, block, at, by, why)
  if (payload.length > MAX_INLINE_BYTES) return write
  const { set, remove = [] } = write
  return { ...write, set: { ...set, payload }, remove: remove.filter((field) => field !== 'payload') }
}

/** The blocks from the head's child up to the tip. Throws RefusedActError when they do not lead down to the head. */
async function linkedPath(port: NodePort, node: NodeName, tip: BlockId, head: Head): Promise<readonly Block[]> {
  if (tip.hash === head.hash) return []
  if (tip.number <= head.number)
    throw new RefusedActError(`${node} stands at block ${tip.number}, not above the head ${head.number}`, NAME_IT)
  checkCount(tip.number - head.number)
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
        `${node} is on another branch; ${NAME_IT}`,
      )
  }
  return path.reverse()
}

const NAME_IT = 'name the head instead: "baton disaster re-seed --confirm HASH"'

/** @throws RefusedActError when there are too many blocks to adopt one by one. */
export function checkCount(blocks: bigint): void {
  if (blocks > MOST) throw new RefusedActError(`${blocks} blocks are too many to take over one by one`, NAME_IT)
}
