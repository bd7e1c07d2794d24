import * as v from 'valibot'
import type { Envelope } from '../envelope.ts'
import type { EngineClient } from './client.ts'
import { type PayloadStatus, payloadStatus } from './status.ts'
import { inItsVersion } from './versions.ts'

/**
 * Hands a payload to the engine, which executes it if it has its parent's state. The head does not move.
 *
 * - JSON-RPC: `engine_newPayloadV1` and later, as the payload and the engine want it
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

/** The least version of an engine's methods for a payload: what it has tells its fork, up to Isthmus. */
export function payloadVersion({ executionPayload, parentBeaconBlockRoot }: Envelope): 2 | 3 | 4 {
  if (executionPayload.withdrawalsRoot !== undefined) return 4
  return parentBeaconBlockRoot === undefined ? 2 : 3
}
