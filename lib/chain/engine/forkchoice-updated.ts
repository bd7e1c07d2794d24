import * as v from 'valibot'
import { zeroHash } from 'viem'
import type { Hash } from '../../protocol/block.ts'
import { bytes } from '../schema.ts'
import type { EngineClient } from './client.ts'
import { type PayloadStatus, payloadStatus } from './status.ts'
import { inItsVersion } from './versions.ts'

/** Where the chain is to stand. A tag that is left out keeps its place: Baton never moves safe and finalized. */
export type Forkchoice = { readonly head: Hash; readonly safe?: Hash; readonly finalized?: Hash }

/** What an engine says of a forkchoice; `payloadId` names the build it began, if attributes were given. */
export type ForkchoiceUpdated = { readonly payloadStatus: PayloadStatus; readonly payloadId: string | null }

const answer = v.object({ payloadStatus, payloadId: v.optional(v.nullable(bytes), null) })

/**
 * Moves the engine's head to a block it has. Only one process may do that: stop op-node first.
 *
 * - JSON-RPC: `engine_forkchoiceUpdatedV1` and later: without attributes V3 on every fork, as op-node does; with them
 *   the version of their fork.
 * - Fails with -38002 when safe or finalized is not on the chain, -38006 when the reorg is too deep.
 */
export async function forkchoiceUpdated(
  engine: EngineClient,
  { head, safe = zeroHash, finalized = zeroHash }: Forkchoice,
  attributes: Readonly<Record<string, unknown>> | null = null,
): Promise<ForkchoiceUpdated> {
  const params = [{ headBlockHash: head, safeBlockHash: safe, finalizedBlockHash: finalized }, attributes]
  const least = attributes === null || 'parentBeaconBlockRoot' in attributes ? 3 : 2
  return await inItsVersion(engine, 'engine_forkchoiceUpdated', { least, lowest: 1 }, async (version) =>
    v.parse(answer, await engine.request({ method: `engine_forkchoiceUpdatedV${version}`, params })),
  )
}
