import { collectPayloads } from '../context/payloads.ts'
import type { ChainPorts } from '../context/ports.ts'
import type { BlockId } from '../protocol/block.ts'
import type { Head, NodeName } from '../protocol/records.ts'
import { type Archive, chainArchive } from '../store/archive.ts'
import { blockOfEnvelope } from '../store/payload.ts'

/** A committed payload (JSON text) and the block it is. */
type Committed = { readonly block: BlockId; readonly envelope: string }

/** The committed payloads right above a block, oldest first; or why there are none. */
export type NextPayloads = { readonly payloads: readonly Committed[] } | { readonly impossible: string }

/** So near to the head the blocks are proved from it downwards: the newest may not be archived yet. */
const NEAR = 64n
/** Further below the head that would hold too much in memory. */
const MOST_COLLECTED = 600n
/** So many payloads are read from the archive side by side. */
const SIDE_BY_SIDE = 8

/**
 * The committed payloads that come right after a block a node has.
 *
 * Near the head they are found as for a start, from the head downwards. Further below the archive is followed
 * upwards, parent by parent, as long as it has one block only of a number: it keeps nothing that was not committed.
 *
 * @param above what the node has.
 * @param most so many at most.
 * @param node it is not asked for payloads.
 */
export async function nextPayloads(
  ports: ChainPorts,
  head: Head,
  above: BlockId,
  { most, node }: { readonly most: number; readonly node: NodeName },
): Promise<NextPayloads> {
  const left = head.number - above.number
  if (left > NEAR && above.number >= (head.revertedFrom?.number ?? 0n)) {
    const archived = await followArchive(chainArchive(ports.objects, ports.chain.id), above, most)
    if (archived.length > 0) return { payloads: archived }
  }
  const first = above.number + 1n
  if (left > MOST_COLLECTED)
    return { impossible: `the archive does not have block ${first} on top of its block ${above.number} ${above.hash}` }
  const chain = await collectPayloads(ports, head, first, node)
  if ('missing' in chain) {
    const { number, hash } = chain.missing
    return { impossible: chain.bad ?? `nobody has the payload of block ${number} ${hash}` }
  }
  if (chain.parent !== above.hash)
    return { impossible: `its block ${above.number} ${above.hash} is not an ancestor of the committed head` }
  const payloads = chain.envelopes.slice(0, most).map((envelope) => ({ block: blockOfEnvelope(envelope), envelope }))
  return { payloads }
}

/** What the archive has on top of a block, as far as there is no choice. */
async function followArchive(archive: Archive, above: BlockId, most: number): Promise<Committed[]> {
  const found: Committed[] = []
  let parent = above
  while (found.length < most) {
    const numbers = Array.from({ length: Math.min(SIDE_BY_SIDE, most - found.length) }, (_, i) => BigInt(i) + 1n)
    const read = await Promise.all(numbers.map((offset) => onlyOne(archive, parent.number + offset)))
    for (const envelope of read) {
      if (envelope === undefined) return found
      const { parentHash, ...block } = blockOfEnvelope(envelope)
      if (parentHash !== parent.hash || block.number !== parent.number + 1n) return found
      found.push({ block, envelope })
      parent = block
    }
  }
  return found
}

/** The payload of the only block of this number; `undefined` = there is none, or a choice. */
async function onlyOne(archive: Archive, number: bigint): Promise<string | undefined> {
  const [hash, ...others] = (await archive.hashesAt(number)) ?? []
  return hash === undefined || others.length > 0 ? undefined : archive.read({ number, hash })
}
