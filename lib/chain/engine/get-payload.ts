import * as v from 'valibot'
import { hash, quantity } from '../schema.ts'
import type { EngineClient } from './client.ts'
import { inItsVersion } from './versions.ts'

/** What a build came to, as far as it is looked at: where it stands and what it holds. */
export type BuiltPayload = {
  readonly parentHash: `0x${string}`
  readonly blockNumber: bigint
  readonly stateRoot: `0x${string}`
  readonly transactions: readonly string[]
}

const payload = v.object({
  parentHash: hash,
  blockNumber: quantity,
  stateRoot: hash,
  transactions: v.array(v.string()),
})
const answer = v.union([
  v.pipe(
    v.object({ executionPayload: payload }),
    v.transform(({ executionPayload }) => executionPayload),
  ),
  payload,
])

/**
 * Fetches a block the engine was asked to build. Nothing is inserted by it and nothing published.
 *
 * - JSON-RPC: `engine_getPayloadV2` and later: `least`, or the first after it that goes with the chain's fork
 */
export async function getPayload(engine: EngineClient, payloadId: string, least: number): Promise<BuiltPayload> {
  return await inItsVersion(engine, 'engine_getPayload', { least }, async (version) =>
    v.parse(answer, await engine.request({ method: `engine_getPayloadV${version}`, params: [payloadId] })),
  )
}
