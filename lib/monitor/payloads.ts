import type { BlockId, Hash } from '../protocol/block.ts'
import type { Head, NodeName } from '../protocol/records.ts'
import { chainArchive } from '../store/archive.ts'
import { blockOfEnvelope } from '../store/envelope.ts'
import { readPayload } from '../store/payload.ts'
import type { ChainPorts } from './ports.ts'

/** Payloads in ascending order, and the parent of the first; or the first one nobody has. */
export type Payloads = { readonly envelopes: readonly string[]; readonly parent: Hash } | { readonly missing: BlockId }

/**
 * Collects the committed payloads from number `from` up to the head, following parent hashes
 * downwards, so that what is returned is one chain that ends in the head.
 *
 * @param except the node they are for: it is not asked.
 * @throws StoreUnavailableError
 */
export async function collectPayloads(
  ports: ChainPorts,
  head: Head,
  from: bigint,
  except: NodeName,
): Promise<Payloads> {
  const envelopes: string[] = []
  let wanted: BlockId = { number: head.number, hash: head.hash }
  for (;;) {
    const envelope = await findPayload(ports, wanted, head, except)
    if (envelope === undefined) return { missing: wanted }
    envelopes.push(envelope)
    const { parentHash } = blockOfEnvelope(envelope)
    if (wanted.number <= from) return { envelopes: envelopes.reverse(), parent: parentHash }
    wanted = { number: wanted.number - 1n, hash: parentHash }
  }
}

/** One payload: from the head item, the archive, or a peer's execution client, in this order. */
async function findPayload(
  { objects, chain, nodes, port }: ChainPorts,
  wanted: BlockId,
  head: Head,
  except: NodeName,
): Promise<string | undefined> {
  if (wanted.hash === head.hash && (head.payload || head.payloadRef)) return readPayload(objects, head)
  const archived = await chainArchive(objects, chain.id).get(wanted)
  if (archived !== undefined) return archived
  for (const { name } of nodes) {
    if (name === except) continue
    const fromPeer = await port(name)
      .payload(wanted)
      .catch(() => undefined)
    if (fromPeer !== undefined) return fromPeer
  }
  return undefined
}
