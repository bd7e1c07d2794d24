import type { BlockId, Hash } from '../protocol/block.ts'
import { renderReason } from '../protocol/reason.ts'
import type { Head, NodeName } from '../protocol/records.ts'
import { chainArchive } from '../store/archive.ts'
import { badPayload, CorruptRecordError, MissingPayloadError, PayloadTooLargeError } from '../store/errors.ts'
import { blockOfEnvelope, fitsItem, judgeEnvelope, packPayload, readPayload } from '../store/payload.ts'
import type { ChainPorts } from './ports.ts'

/**
 * Payloads in ascending order, and the parent of the first; or the first block without a payload. `bad`: the payload
 * stored as the head's is not the head; it is reported with the block to go back to.
 */
export type Payloads =
  | { readonly envelopes: readonly string[]; readonly parent: Hash }
  | { readonly missing: BlockId; readonly bad?: string }

/**
 * Collects the committed payloads from number `from` up to the head. It follows parent hashes downwards, so the result
 * is one chain that ends in the head.
 *
 * @param except the node that needs them; it is not asked.
 * @param last the last block to collect, if that is not the head.
 */
export async function collectPayloads(
  ports: ChainPorts,
  head: Head,
  from: bigint,
  except: NodeName,
  last: BlockId = head,
): Promise<Payloads> {
  const envelopes: string[] = []
  const away = new Set<NodeName>([except])
  let wanted: BlockId = { number: last.number, hash: last.hash }
  for (;;) {
    const found = await findPayload(ports, wanted, head, away)
    if (found.envelope === undefined) {
      const { bad } = found
      return { missing: wanted, ...(bad !== undefined && { bad: renderReason(badPayload(head, bad)) }) }
    }
    envelopes.push(found.envelope)
    const { parentHash } = blockOfEnvelope(found.envelope)
    if (wanted.number <= from) return { envelopes: envelopes.reverse(), parent: parentHash }
    wanted = { number: wanted.number - 1n, hash: parentHash }
  }
}

/** The block's payload; or none, and what is wrong with the head's stored payload, if that was asked and is bad. */
type Found = { readonly envelope: string } | { readonly envelope?: undefined; readonly bad?: string | undefined }

/**
 * One payload: from the head item, the archive, or a peer's execution client, in this order. A source that fails or has
 * another block is logged, and the next one is asked: write access to the archive must not suffice to stop a failover.
 */
async function findPayload(
  { objects, chain, nodes, port, log }: ChainPorts,
  wanted: BlockId,
  head: Head,
  away: Set<NodeName>,
): Promise<Found> {
  const peers = nodes.filter(({ name }) => !away.has(name))
  const sources: readonly (readonly [name: string, ask: () => Promise<string | undefined>])[] = [
    ['head', async () => (isKept(head) && wanted.hash === head.hash ? readPayload(objects, head) : undefined)],
    ['archive', () => chainArchive(objects, chain.id).read(wanted)],
    ...peers.map(({ name }) => [name, () => port(name).payload(wanted)] as const),
  ]
  let bad: string | undefined
  for (const [source, ask] of sources) {
    try {
      const envelope = await ask()
      if (envelope === undefined) continue
      const judged = await judgeEnvelope(envelope, wanted)
      if (judged.proof !== 'other') return { envelope }
      log.warn('a source has something else as a committed block; the next one is asked', {
        source,
        block: wanted,
        problem: judged.problem,
      })
      if (source === 'head') bad = judged.problem
    } catch (error) {
      if (source === 'head' && isChanged(error)) bad = error.message
      // For a chain of blocks, do not wait for a silent source again at each block.
      if (source !== 'head' && source !== 'archive') away.add(source)
      log.warn('a payload cannot be had from one source; the next one is asked', { source, block: wanted, error })
    }
  }
  return { bad }
}

/** Whether the stored bytes can be read and are no payload. */
const isChanged = (error: unknown): error is Error =>
  error instanceof CorruptRecordError || error instanceof PayloadTooLargeError

/** The head's own payload; `undefined` = it has none, or something else is stored there, which is logged. */
export async function headPayload({ objects, log }: ChainPorts, head: Head): Promise<string | undefined> {
  if (!isKept(head)) return undefined
  const judged = await judgeEnvelope(await readPayload(objects, head), head)
  if (judged.proof !== 'other') return judged.envelope
  log.warn(renderReason(badPayload(head, judged.problem)))
  return undefined
}

/**
 * The packed payload of a block that becomes the first head, from any node that has it: it was never committed here,
 * so only the nodes have it. `undefined` = no node gave it, or it does not fit into the item.
 */
export async function packSeed({ nodes, port, log }: ChainPorts, seed: BlockId): Promise<Uint8Array | undefined> {
  const give = async (node: NodeName) => {
    const envelope = await port(node).payload(seed)
    if (envelope === undefined) throw new MissingPayloadError(seed, `${node} does not have it`)
    const judged = await judgeEnvelope(envelope, seed)
    if (judged.proof === 'other') throw new MissingPayloadError(seed, `${node} has something else: ${judged.problem}`)
    return packPayload(envelope)
  }
  try {
    const packed = await Promise.any(nodes.map(({ name }) => give(name)))
    return fitsItem(packed) ? packed : undefined
  } catch (error) {
    log.warn('no node gave the payload of the first head: until its child is committed only the nodes have it', {
      block: seed,
      error,
    })
    return undefined
  }
}

const isKept = (head: Head) => head.payload !== undefined || head.payloadRef !== undefined
