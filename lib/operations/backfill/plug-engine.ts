import type { NodeClient } from '../../chain/client.ts'
import type { EngineClient } from '../../chain/engine/client.ts'
import { forkchoiceUpdated, newPayload, type PayloadStatus } from '../../chain/engine/methods.ts'
import type { Envelope } from '../../chain/envelope.ts'
import { answer } from '../../chain/failure.ts'
import type { BlockId } from '../../protocol/block.ts'
import type { NodeName } from '../../protocol/records.ts'
import { EngineLiedError, NoProgressError, PayloadRefusedError } from './errors.ts'
import type { Clock } from './ports.ts'
import { missingAt } from './verify.ts'

/**
 * A node that takes payloads through its engine. Nothing else may move its forkchoice meanwhile: stop op-node first.
 */
export type PluggedNode = {
  readonly node: NodeName
  readonly engine: EngineClient
  /** Its ordinary RPC, which verifies what the engine claims. */
  readonly execution: NodeClient
  readonly clock: Clock
}

export type PlugOptions = {
  /** Move the head and verify after this many blocks. Default 32: the deepest reorg op-geth takes. */
  readonly every?: number
  /** How long the client may make no progress, ms. Default 30 s. */
  readonly stallMs?: number
  /** Called after each verification with the newest block observed. */
  readonly onVerified?: (block: BlockId) => void
  /** Ends it at the next verified block. */
  readonly signal?: AbortSignal
}

const EVERY = 32
const STALL_MS = 30_000
/** A client that answered VALID for a forkchoice shows it within this time, or it lied. */
const SETTLE_MS = 3_000
const AGAIN_MS = 200

/**
 * Gives payloads to an engine, oldest first, and moves its head to follow them. The proof is not the engine's answer
 * but its RPC: the block at its height, as the newest, with its state. Verifies the first block at once, so that a lie
 * is found before much is built on it.
 *
 * @returns the newest verified block; `undefined` when there was nothing to give.
 * @throws EngineLiedError | PayloadRefusedError | NoProgressError
 */
export async function plugEngine(
  plugged: PluggedNode,
  payloads: AsyncIterable<Envelope> | Iterable<Envelope>,
  { every = EVERY, stallMs = STALL_MS, onVerified = () => {}, signal }: PlugOptions = {},
): Promise<BlockId | undefined> {
  let given: BlockId | undefined
  let verified: BlockId | undefined
  let since = 0
  const verify = async () => {
    if (!given || given === verified) return
    await moveHead(plugged, given, stallMs)
    verified = given
    since = 0
    onVerified(given)
  }
  for await (const envelope of payloads) {
    const { blockNumber, blockHash } = envelope.executionPayload
    const block = { number: BigInt(blockNumber), hash: blockHash }
    await settle(plugged, block, stallMs, async () => await newPayload(plugged.engine, envelope))
    given = block
    since++
    if (!verified || since >= every) await verify()
    if (signal?.aborted) break
  }
  await verify()
  return verified
}

/** Makes a block the client's head, and verifies it. */
async function moveHead(plugged: PluggedNode, block: BlockId, stallMs: number): Promise<void> {
  const { clock, node, engine, execution } = plugged
  const ask = async () => (await forkchoiceUpdated(engine, { head: block.hash })).payloadStatus
  try {
    await settle(plugged, block, stallMs, ask)
  } catch (error) {
    if (!(error instanceof NoProgressError)) throw error
    // It called the payload valid; a forkchoice without effect contradicts that.
    const missing = await missingAt(execution, block)
    if (missing === undefined) return
    throw new EngineLiedError(node, block, { claimed: 'VALID', observed: `${missing}; ${error.message}` })
  }
  for (const until = clock.monotonic() + SETTLE_MS; ; ) {
    const observed = await missingAt(execution, block)
    if (observed === undefined) return
    if (clock.monotonic() >= until) throw new EngineLiedError(node, block, { claimed: 'VALID', observed })
    await clock.sleep(AGAIN_MS)
  }
}

/** Repeats the call until the engine answers VALID; a refusal ends it at once, anything else at the time limit. */
async function settle(
  { node, clock }: PluggedNode,
  block: BlockId,
  stallMs: number,
  ask: () => Promise<PayloadStatus>,
): Promise<void> {
  for (const since = clock.monotonic(); ; ) {
    const answered = await answer(ask())
    const said = answered.ok ? answered.value.status : answered.message
    if (said === 'VALID') return
    if (said === 'INVALID' || said === 'INVALID_BLOCK_HASH') {
      const { latestValidHash, validationError } = answered.ok ? answered.value : {}
      throw new PayloadRefusedError(
        node,
        block,
        `${said}, ${validationError ?? 'no reason'}; its newest valid block is ${latestValidHash ?? 'unknown'}`,
      )
    }
    const waited = clock.monotonic() - since
    const hopeless = !answered.ok && (answered.failure === 'credential' || answered.failure === 'method')
    if (hopeless || waited >= stallMs) throw new NoProgressError(node, block, said, waited)
    await clock.sleep(AGAIN_MS)
  }
}
