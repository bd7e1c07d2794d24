import { collectPayloads } from '../../context/payloads.ts'
import type { ChainPorts } from '../../context/ports.ts'
import type { BlockId } from '../../protocol/block.ts'
import type { Head, NodeName } from '../../protocol/records.ts'
import { type Archive, chainArchive } from '../../store/archive.ts'
import { blockOfEnvelope } from '../../store/payload.ts'

/** A committed payload (JSON text) and its block. */
type CommittedPayload = { readonly block: BlockId; readonly envelope: string }

/** The committed payloads right above a block, oldest first; or why there are none. */
export type NextPayloads = { readonly payloads: readonly CommittedPayload[] } | { readonly impossible: string }

/** This near the head, the chain is followed from the head downwards: the newest blocks may not be archived yet. */
const NEAR = 64n
/** Further below the head, that would hold too much in memory. */
const MOST_COLLECTED = 600n
/** Number of payloads read from the archive side by side. */
const SIDE_BY_SIDE = 8

/**
 * The committed payloads right above a block the node has.
 *
 * Near the head they are found as for a start, from the head downwards. Further below, the archive is followed upwards,
 * parent by parent, as long as it has only one block of a number: it keeps only committed blocks.
 *
 * @param above the node's newest block.
 * @param most the largest number of payloads.
 * @param node not asked for payloads.
 */
export async function nextPayloads(
  ports: ChainPorts,
  head: Head,
  above: BlockId,
  { most, node }: { readonly most: number; readonly node: NodeName },
): Promise<NextPayloads> {
  const left = head.number - above.number
  if (left > NEAR && above.number >= (head.revertedFrom?.number ?? 0n)) {
    const archive = chainArchive(ports.objects, ports.chain.id)
    const archived = await followArchive(archive, above, most)
    if (archived.length > 0) return { payloads: archived }
    const bridged = await bridgeHole(ports, archive, head, above, node)
    if (bridged) return { payloads: bridged.slice(0, most) }
  }
  const first = above.number + 1n
  if (left > MOST_COLLECTED)
    return { impossible: `the archive does not have block ${first} on top of its block ${above.number} ${above.hash}` }
  const chain = await collectPayloads(ports, head, first, node)
  if ('missing' in chain) {
    const { number, hash } = chain.missing
    return { impossible: chain.bad ?? `no source has the payload of block ${number} ${hash}` }
  }
  if (chain.parent !== above.hash)
    return { impossible: `its block ${above.number} ${above.hash} is not an ancestor of the committed head` }
  return { payloads: withBlocks(chain.envelopes).slice(0, most) }
}

const withBlocks = (envelopes: readonly string[]): CommittedPayload[] =>
  envelopes.map((envelope) => ({ block: blockOfEnvelope(envelope), envelope }))

/** The archived blocks on top of a block, up to the first number with a choice. */
async function followArchive(archive: Archive, above: BlockId, most: number): Promise<CommittedPayload[]> {
  const found: CommittedPayload[] = []
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

/** The payload of the only block of this number; `undefined` = none, or more than one. */
async function onlyOne(archive: Archive, number: bigint): Promise<string | undefined> {
  const [hash, ...others] = (await archive.hashesAt(number)) ?? []
  return hash === undefined || others.length > 0 ? undefined : archive.read({ number, hash })
}

/**
 * The payloads the archive lacks above a block, from the nodes: the next archived block names its parent, and so on
 * down to the block. `undefined` = the hole is too wide, or no node has them.
 */
async function bridgeHole(
  ports: ChainPorts,
  archive: Archive,
  head: Head,
  above: BlockId,
  node: NodeName,
): Promise<readonly CommittedPayload[] | undefined> {
  for (let number = above.number + 2n; number <= above.number + NEAR; number += 1n) {
    const archived = await onlyOne(archive, number)
    if (archived === undefined) continue
    const last = { number: number - 1n, hash: blockOfEnvelope(archived).parentHash }
    const chain = await collectPayloads(ports, head, above.number + 1n, node, last)
    return 'missing' in chain || chain.parent !== above.hash ? undefined : withBlocks(chain.envelopes)
  }
  return undefined
}
