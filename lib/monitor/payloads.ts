import type { BlockId, Hash } from '../protocol/block.ts'
import type { Head, NodeName } from '../protocol/records.ts'
import { chainArchive } from '../store/archive.ts'
import { blockOfEnvelope } from '../store/envelope.ts'
import { MissingPayloadError } from '../store/errors.ts'
import { MAX_INLINE_BYTES, packPayload, readPayload } from '../store/payload.ts'
import type { ChainPorts } from './ports.ts'

/** Payloads in ascending order, and the parent of the first; or the first one nobody has. */
export type Payloads = { readonly envelopes: readonly string[]; readonly parent: Hash } | { readonly missing: BlockId }

/**
 * Collects the committed payloads from number `from` up to the head, following parent hashes
 * downwards, so that what is returned is one chain that ends in the head.
 *
 * @param except the node they are for: it is not asked.
 */
export async function collectPayloads(
  ports: ChainPorts,
  head: Head,
  from: bigint,
  except: NodeName,
): Promise<Payloads> {
  const envelopes: string[] = []
  const away = new Set<NodeName>([except])
  let wanted: BlockId = { number: head.number, hash: head.hash }
  for (;;) {
    const envelope = await findPayload(ports, wanted, head, away)
    if (envelope === undefined) return { missing: wanted }
    envelopes.push(envelope)
    const { parentHash } = blockOfEnvelope(envelope)
    if (wanted.number <= from) return { envelopes: envelopes.reverse(), parent: parentHash }
    wanted = { number: wanted.number - 1n, hash: parentHash }
  }
}

/**
 * One payload: from the head item, the archive, or a peer's execution client, in this order. A source that
 * fails, or has something else there, is named in the log and the next one asked: whoever can write to the
 * archive must not be able to stop a failover.
 */
async function findPayload(
  { objects, chain, nodes, port, log }: ChainPorts,
  wanted: BlockId,
  head: Head,
  away: Set<NodeName>,
): Promise<string | undefined> {
  const peers = nodes.filter(({ name }) => !away.has(name))
  const sources: readonly (readonly [name: string, ask: () => Promise<string | undefined>])[] = [
    ['head', async () => (isKept(head) && wanted.hash === head.hash ? readPayload(objects, head) : undefined)],
    ['archive', () => chainArchive(objects, chain.id).get(wanted)],
    ...peers.map(({ name }) => [name, () => port(name).payload(wanted)] as const),
  ]
  for (const [source, ask] of sources) {
    try {
      const envelope = await ask()
      if (envelope !== undefined && blockOfEnvelope(envelope).hash === wanted.hash) return envelope
    } catch (error) {
      // Of a chain of blocks: one that does not answer is not waited for again at each.
      if (source !== 'head' && source !== 'archive') away.add(source)
      log.warn('a payload cannot be had from one source; the next one is asked', { source, block: wanted, error })
    }
  }
  return undefined
}

/**
 * The packed payload of a block that is to be the first head, from whichever node has it: it was never committed
 * here, so that only the nodes can lose it. `undefined` = none of them gave it, or it does not fit into the item.
 */
export async function packSeed({ nodes, port, log }: ChainPorts, seed: BlockId): Promise<Uint8Array | undefined> {
  const give = async (node: NodeName) => {
    const envelope = await port(node).payload(seed)
    if (envelope === undefined || blockOfEnvelope(envelope).hash !== seed.hash)
      throw new MissingPayloadError(seed, `${node} does not have it`)
    return packPayload(envelope)
  }
  try {
    const packed = await Promise.any(nodes.map(({ name }) => give(name)))
    return packed.length <= MAX_INLINE_BYTES ? packed : undefined
  } catch (error) {
    log.warn('no node gave the payload of the first head: until its child is committed only the nodes have it', {
      block: seed,
      error,
    })
    return undefined
  }
}

const isKept = (head: Head) => head.payload !== undefined || head.payloadRef !== undefined
