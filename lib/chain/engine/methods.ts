import * as v from 'valibot'
import type { Hex } from 'viem'
import { numberToHex } from 'viem/utils'
import type { Hash } from '../../protocol/block.ts'
import type { Envelope } from '../envelope.ts'
import { bytes, hash, quantity } from '../schema.ts'
import type { EngineClient } from './client.ts'
import { inItsVersion } from './versions.ts'

/**
 * An engine's status of a payload or a forkchoice. No status is proof: clients answer `VALID` for any stored block,
 * executed or not. Verify by observation.
 *
 * - `ACCEPTED`: its parent is known, but not the parent's state.
 * - `SYNCING`: its parent is unknown, or the client is busy syncing.
 * - `INCONSISTENT`: bnb's op-geth; the parent's state is missing.
 */
export type PayloadStatus = {
  readonly status: 'VALID' | 'INVALID' | 'SYNCING' | 'ACCEPTED' | 'INVALID_BLOCK_HASH' | 'INCONSISTENT'
  /** The newest ancestor that the client considers valid. */
  readonly latestValidHash: Hash | null
  readonly validationError: string | null
}

/** Parses a {@link PayloadStatus}. */
export const payloadStatus = v.object({
  status: v.picklist(['VALID', 'INVALID', 'SYNCING', 'ACCEPTED', 'INVALID_BLOCK_HASH', 'INCONSISTENT']),
  latestValidHash: v.optional(v.nullable(hash), null),
  validationError: v.optional(v.nullable(v.string()), null),
})

/**
 * Submits a payload to the engine, which executes it if it has the parent's state. The head does not move.
 *
 * - JSON-RPC: `engine_newPayloadV1` and later, as the payload and the engine require
 * - Version 1 is for engines without V2 only; OP Stack clients take Bedrock's payloads as V2.
 */
export async function newPayload(engine: EngineClient, envelope: Envelope): Promise<PayloadStatus> {
  const { executionPayload, parentBeaconBlockRoot } = envelope
  const least = payloadVersion(envelope)
  const lowest = executionPayload.withdrawals === undefined ? 1 : least
  return await inItsVersion(engine, 'engine_newPayload', { least, lowest }, async (version) => {
    const params: unknown[] = [executionPayload]
    if (version >= 3) params.push([], parentBeaconBlockRoot)
    if (version >= 4) params.push([])
    return v.parse(payloadStatus, await engine.request({ method: `engine_newPayloadV${version}`, params }))
  })
}

/** The lowest version of an engine's methods for a payload, by its fields, which identify its fork up to Isthmus. */
export function payloadVersion({ executionPayload, parentBeaconBlockRoot }: Envelope): 2 | 3 | 4 {
  if (executionPayload.withdrawalsRoot !== undefined) return 4
  return parentBeaconBlockRoot === undefined ? 2 : 3
}

/** The target of a forkchoice. An omitted tag stays in place: Baton never moves safe and finalized. */
export type Forkchoice = { readonly head: Hash; readonly safe?: Hash; readonly finalized?: Hash }

/** An engine's answer to a forkchoice; `payloadId` identifies the build it started, if attributes were given. */
export type ForkchoiceUpdated = { readonly payloadStatus: PayloadStatus; readonly payloadId: string | null }

const forkchoiceAnswer = v.object({ payloadStatus, payloadId: v.optional(v.nullable(bytes), null) })

const ZERO_HASH: Hash = `0x${'00'.repeat(32)}`

/**
 * Moves the engine's head to a block it has. Only one process may do that: stop op-node first.
 *
 * - JSON-RPC: `engine_forkchoiceUpdatedV1` and later: without attributes V3 on every fork, as op-node does; with
 * attributes the version of their fork.
 * - Fails with -38002 when safe or finalized is not on the chain, -38006 when the reorg is too deep.
 */
export async function forkchoiceUpdated(
  engine: EngineClient,
  { head, safe = ZERO_HASH, finalized = ZERO_HASH }: Forkchoice,
  attributes: Readonly<Record<string, unknown>> | null = null,
): Promise<ForkchoiceUpdated> {
  const params = [{ headBlockHash: head, safeBlockHash: safe, finalizedBlockHash: finalized }, attributes]
  const least = attributes === null || 'parentBeaconBlockRoot' in attributes ? 3 : 2
  return await inItsVersion(engine, 'engine_forkchoiceUpdated', { least, lowest: 1 }, async (version) =>
    v.parse(forkchoiceAnswer, await engine.request({ method: `engine_forkchoiceUpdatedV${version}`, params })),
  )
}

/** The fields Baton reads of a built payload: its position and content. */
export type BuiltPayload = {
  readonly parentHash: `0x${string}`
  readonly blockNumber: bigint
  readonly stateRoot: `0x${string}`
  readonly transactions: readonly string[]
}

const built = v.object({
  parentHash: hash,
  blockNumber: quantity,
  stateRoot: hash,
  transactions: v.array(v.string()),
})
const builtAnswer = v.union([
  v.pipe(
    v.object({ executionPayload: built }),
    v.transform(({ executionPayload }) => executionPayload),
  ),
  built,
])

/**
 * Fetches a block that the engine built. Inserts and publishes nothing.
 *
 * - JSON-RPC: `engine_getPayloadV2` and later: `least`, or the first later version that matches the chain's fork
 */
export async function getPayload(engine: EngineClient, payloadId: string, least: number): Promise<BuiltPayload> {
  return await inItsVersion(engine, 'engine_getPayload', { least }, async (version) =>
    v.parse(builtAnswer, await engine.request({ method: `engine_getPayloadV${version}`, params: [payloadId] })),
  )
}

/** A client must support this many bodies per request; geth returns 1,024, others refuse more than 32. */
export const MAX_BODIES = 32n

/** The transactions of a block, as EIP-2718 bytes. */
export type PayloadBody = { readonly transactions: readonly Hex[] }

const bodies = v.array(v.nullable(v.object({ transactions: v.array(bytes) })))

/**
 * Reads the bodies of `count` blocks from number `from` on; `null` for one the client lacks. Omits blocks above the
 * client's head.
 *
 * - JSON-RPC: `engine_getPayloadBodiesByRangeV1`
 * - `from` and `count` are at least 1.
 */
export async function getPayloadBodiesByRange(
  engine: EngineClient,
  from: bigint,
  count: bigint,
): Promise<readonly (PayloadBody | null)[]> {
  const params = [numberToHex(from), numberToHex(count)]
  return v.parse(bodies, await engine.request({ method: 'engine_getPayloadBodiesByRangeV1', params }))
}
