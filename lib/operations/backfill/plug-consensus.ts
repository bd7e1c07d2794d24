import type { NodeClient } from '../../chain/client.ts'
import type { Envelope } from '../../chain/envelope.ts'
import { answer } from '../../chain/failure.ts'
import { postUnsafePayload } from '../../chain/sequencer.ts'
import type { BlockId } from '../../protocol/block.ts'
import type { NodeName } from '../../protocol/records.ts'
import { NoProgressError } from './errors.ts'
import type { PlugOptions } from './plug-engine.ts'
import type { Clock } from './ports.ts'
import { missingAt } from './verify.ts'

/** A node that takes payloads through its op-node, which moves the forkchoice itself. */
export type PostedNode = {
  readonly node: NodeName
  readonly consensus: NodeClient
  readonly execution: NodeClient
  readonly clock: Clock
}

/** Payloads in op-node's queue at a time: it drops what exceeds its 500 MB. */
const WINDOW = 32
const STALL_MS = 30_000
/** op-node loses its queue on a reset, so payloads that are not adopted are posted again. */
const REPOST_MS = 3_000
const AGAIN_MS = 100

/**
 * Posts payloads to a node's op-node, oldest first. op-node only queues them, so the proof is the block at its height
 * in the execution client, with its state.
 *
 * @returns the newest verified block; `undefined` when there was nothing to post.
 * @throws NoProgressError
 */
export async function plugConsensus(
  posted: PostedNode,
  payloads: AsyncIterable<Envelope> | Iterable<Envelope>,
  { every = WINDOW, stallMs = STALL_MS, onVerified = () => {}, signal }: PlugOptions = {},
): Promise<BlockId | undefined> {
  let verified: BlockId | undefined
  let waiting: Envelope[] = []
  const adopt = async () => {
    const newest = waiting.at(-1)
    if (!newest) return
    await untilAdopted(posted, waiting, stallMs)
    waiting = []
    verified = idOf(newest)
    onVerified(verified)
  }
  for await (const envelope of payloads) {
    waiting.push(envelope)
    if (waiting.length >= every) await adopt()
    if (signal?.aborted) break
  }
  await adopt()
  return verified
}

/** Posts until the newest of them is there; adopted ones are not posted again. */
async function untilAdopted(
  { node, consensus, execution, clock }: PostedNode,
  envelopes: readonly Envelope[],
  stallMs: number,
): Promise<void> {
  let rest = envelopes
  let postedAt = Number.NEGATIVE_INFINITY
  let said = 'it was posted'
  for (let since = clock.monotonic(); rest.length > 0; ) {
    if (clock.monotonic() - postedAt >= REPOST_MS) {
      for (const envelope of rest) {
        const answered = await answer(postUnsafePayload(consensus, envelope))
        if (!answered.ok) said = `admin_postUnsafePayload: ${answered.message}`
      }
      postedAt = clock.monotonic()
    }
    const left = await notAdopted(execution, rest)
    if (left.length < rest.length) since = clock.monotonic()
    const [oldest] = left
    if (!oldest) return
    rest = left
    const waited = clock.monotonic() - since
    if (waited >= stallMs) {
      const missing = (await missingAt(execution, idOf(oldest)).catch(() => undefined)) ?? 'it was just adopted'
      throw new NoProgressError(node, idOf(oldest), `${said}, and ${missing}`, waited)
    }
    await clock.sleep(AGAIN_MS)
  }
}

/** The ascending payloads that are not there yet; only the newest one found is examined closely. */
async function notAdopted(execution: NodeClient, envelopes: readonly Envelope[]): Promise<readonly Envelope[]> {
  let adopted = -1
  let open = envelopes.length
  // Blocks are adopted in order: bisect between the newest known adopted and the oldest known missing.
  for (let look = envelopes.length - 1; adopted + 1 < open; look = Math.floor((adopted + open) / 2)) {
    const envelope = envelopes[look]
    const missing = envelope && (await answer(missingAt(execution, idOf(envelope))))
    if (missing?.ok && missing.value === undefined) adopted = look
    else open = look
  }
  return envelopes.slice(adopted + 1)
}

const idOf = ({ executionPayload: { blockNumber, blockHash } }: Envelope): BlockId => ({
  number: BigInt(blockNumber),
  hash: blockHash,
})
