import type { BlockId, Hash } from '../protocol/block.ts'
import type { Head, NodeName } from '../protocol/records.ts'
import type { ChainPorts } from './ports.ts'

/** Payloads in ascending order, and the parent of the first; or the first one nobody has. */
export type Payloads = { readonly envelopes: string[]; readonly parent: Hash } | { readonly missing: BlockId }

/** The parent a payload names. An envelope that names none is as good as none. */
function parentOf(envelope: string): Hash | undefined {
  return /"parentHash"\s*:\s*"(0x[0-9a-fA-F]{64})"/.exec(envelope)?.[1]?.toLowerCase() as Hash | undefined
}

/**
 * Collects the committed payloads from `from` up to the head, following parent hashes downwards, so
 * that what is returned is one chain that ends in the head: from the head item, the archive, or a
 * peer's execution client.
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
  let wanted: BlockId = head
  for (;;) {
    const envelope = await findPayload(ports, wanted, head, except)
    if (envelope === undefined) return { missing: { number: wanted.number, hash: wanted.hash } }
    envelopes.unshift(envelope)
    const parent = parentOf(envelope)
    if (wanted.number <= from) return { envelopes, parent }
    wanted = { number: wanted.number - 1n, hash: parent }
  }
}
