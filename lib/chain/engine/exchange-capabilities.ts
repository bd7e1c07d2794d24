import * as v from 'valibot'
import type { EngineClient } from './client.ts'

const methods = v.array(v.string())

/** What Baton may call; engines log what they miss. */
const OURS = [
  'engine_newPayloadV1',
  'engine_newPayloadV2',
  'engine_newPayloadV3',
  'engine_newPayloadV4',
  'engine_forkchoiceUpdatedV1',
  'engine_forkchoiceUpdatedV2',
  'engine_forkchoiceUpdatedV3',
  'engine_getPayloadV2',
  'engine_getPayloadV3',
  'engine_getPayloadV4',
  'engine_getPayloadV5',
  'engine_getPayloadBodiesByRangeV1',
]

/**
 * Asks an engine which methods it has; changes nothing. Also the cheapest proof that the token is accepted.
 *
 * - JSON-RPC: `engine_exchangeCapabilities`
 */
export async function exchangeCapabilities(engine: EngineClient): Promise<ReadonlySet<string>> {
  return new Set(v.parse(methods, await engine.request({ method: 'engine_exchangeCapabilities', params: [OURS] })))
}
