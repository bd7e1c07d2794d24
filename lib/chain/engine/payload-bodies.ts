import * as v from 'valibot'
import { type Hex, numberToHex } from 'viem'
import { bytes } from '../schema.ts'
import type { EngineClient } from './client.ts'

/** A client must return so many bodies for one request; geth returns 1,024, others refuse more than 32. */
export const MAX_BODIES = 32n

/** The transactions of a block, as EIP-2718 bytes. */
export type PayloadBody = { readonly transactions: readonly Hex[] }

const bodies = v.array(v.nullable(v.object({ transactions: v.array(bytes) })))

/**
 * Reads the bodies of `count` blocks from number `from` on; `null` for one the client lacks. What
 * lies above the client's head is left off.
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
