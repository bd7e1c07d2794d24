import * as v from 'valibot'
import type { L1Block, L2Block } from '../protocol/observation.ts'
import { quoteForeign } from '../protocol/printable.ts'
import type { NodeClient } from './client.ts'
import { classify } from './failure.ts'
import { blockId, decimal, hash } from './schema.ts'

/** The sync status of a node, on L2 and on L1. All zeros before op-node's engine is initialised. */
export type SyncStatus = {
  readonly unsafe: L2Block
  readonly safe: L2Block
  readonly finalized: L2Block
  /** The newest L1 block the node knows. */
  readonly headL1: L1Block
  /** The L1 block its derivation has reached. */
  readonly currentL1: L1Block
}

const l1Block = v.object({ number: decimal, hash, timestamp: decimal })

const l2Block = v.pipe(
  v.object({ number: decimal, hash, parentHash: hash, timestamp: decimal, l1origin: blockId }),
  v.transform(({ l1origin, ...block }): L2Block => ({ ...block, l1Origin: l1origin })),
)

const syncStatus = v.pipe(
  v.object({
    unsafe_l2: l2Block,
    safe_l2: l2Block,
    finalized_l2: l2Block,
    head_l1: l1Block,
    current_l1: l1Block,
  }),
  v.transform(
    (status): SyncStatus => ({
      unsafe: status.unsafe_l2,
      safe: status.safe_l2,
      finalized: status.finalized_l2,
      headL1: status.head_l1,
      currentL1: status.current_l1,
    }),
  ),
)

/**
 * Reads the consensus client's sync status. op-node answers from memory, so this says nothing about its execution
 * client.
 *
 * - JSON-RPC: `optimism_syncStatus`
 * - Timestamps are in seconds.
 */
export async function getSyncStatus(client: NodeClient): Promise<SyncStatus> {
  return v.parse(syncStatus, await client.request({ method: 'optimism_syncStatus' }))
}

const peerStats = v.object({ connected: v.pipe(v.number(), v.integer(), v.minValue(0)) })

/**
 * Reads how many peers the consensus client is connected to.
 *
 * - JSON-RPC: `opp2p_peerStats`; fails when the node runs without p2p.
 */
export async function getPeerCount(client: NodeClient): Promise<number> {
  return v.parse(peerStats, await client.request({ method: 'opp2p_peerStats' })).connected
}

/**
 * Reads whether the consensus client's sequencer is on. It stays on when commits are refused.
 *
 * - JSON-RPC: `admin_sequencerActive` (needs `--rpc.enable-admin`)
 */
export async function getSequencerActive(client: NodeClient): Promise<boolean> {
  return v.parse(v.boolean(), await client.request({ method: 'admin_sequencerActive' }))
}

/**
 * Reads whether the consensus client runs with `--conductor.enabled`; `undefined` when it is too old to report it.
 *
 * - JSON-RPC: `admin_conductorEnabled` (needs `--rpc.enable-admin`)
 */
export async function getConductorEnabled(client: NodeClient): Promise<boolean | undefined> {
  try {
    return v.parse(v.boolean(), await client.request({ method: 'admin_conductorEnabled' }))
  } catch (error) {
    if (classify(error).failure === 'method') return undefined
    throw error
  }
}

const MOST_VERSION = 200

/**
 * Reads the version text of a client, for people: a custom build may report any text of any length.
 *
 * - JSON-RPC: `optimism_version` (consensus), `web3_clientVersion` (execution)
 */
export async function getVersion(
  client: NodeClient,
  method: 'optimism_version' | 'web3_clientVersion',
): Promise<string> {
  return quoteForeign(v.parse(v.string(), await client.request({ method })), MOST_VERSION)
}

const sdmStatus = v.object({ operatorSdmOptIn: v.boolean() })

/**
 * Reads whether a client is set to put post-execution transactions into its blocks (Lagoon). The setting is in memory
 * and lost when the process ends.
 *
 * - JSON-RPC: `admin_sdmStatus`; fails on clients before Lagoon, and where the admin API is not served.
 */
export async function getSdmOptIn(client: NodeClient): Promise<boolean> {
  return v.parse(sdmStatus, await client.request({ method: 'admin_sdmStatus' })).operatorSdmOptIn
}
