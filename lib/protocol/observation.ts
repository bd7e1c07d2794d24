import type { Block, BlockId, Hash } from './block.ts'
import type { NodeName } from './records.ts'

/**
 * Why a call failed, by who speaks.
 *
 * - The process, by its machine or itself: `refused` (nobody listens), `method` and `other` (its own JSON-RPC error).
 * - The way to it: `timeout`, `reset` (cut each time it is asked).
 * - Something before it: `proxy` (an HTTP status, a web page, a redirect: no JSON-RPC answer).
 * - Something not proved to be ours: `identity`. What it said counts for nothing.
 * - `credential` speaks of us, and so does what we could not even ask (`other`).
 */
export type FailureClass = 'refused' | 'timeout' | 'reset' | 'proxy' | 'credential' | 'method' | 'other' | 'identity'

/**
 * Whether a process that was ordered to restart is seen away: it cuts its connections before new ones are refused. Of
 * one that was not, a cut proves nothing.
 */
export const isSeenAway = (failure: FailureClass): boolean => failure === 'refused' || failure === 'reset'

/** Failures in which the process itself said nothing. */
export const isSilence = (failure: FailureClass): boolean =>
  failure === 'timeout' || failure === 'reset' || failure === 'proxy'

/** What a client answered, or how it failed. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: FailureClass; readonly message: string }

/** An L2 block as op-node reports it. */
export type L2Block = Block & { readonly l1Origin: BlockId }

/** An L1 block as op-node reports it. `timestamp` in seconds. */
export type L1Block = BlockId & { readonly timestamp: bigint }

/** A consensus client (op-node): `optimism_syncStatus`, `admin_sequencerActive`, `admin_conductorEnabled`, `opp2p_peerStats`. */
export type ConsensusView = {
  readonly sequencing: boolean
  /** Whether it runs with `--conductor.enabled`; absent when the node does not tell. */
  readonly conductor?: boolean
  readonly unsafe: L2Block
  readonly safe: L2Block
  readonly finalized: L2Block
  /** Newest L1 block it knows. */
  readonly headL1: L1Block
  /** L1 block its derivation has reached. */
  readonly currentL1: L1Block
  readonly peers?: number
  /** `optimism_version`, for people; absent when the node does not tell. */
  readonly version?: string
  /** `admin_sdmStatus`: whether it may put post-execution transactions into blocks; absent when it does not tell. */
  readonly sdm?: boolean
}

/** An execution client: its newest block, a state probe there, and its hash at the committed height. */
export type ExecutionView = {
  readonly latest: BlockId
  /** Its hash at the number asked for (the committed head); `null` = it has no such block. */
  readonly at?: { readonly number: bigint; readonly hash: Hash | null }
  /** `web3_clientVersion`, for people. */
  readonly version?: string
  /** `admin_sdmStatus`: whether it may put post-execution transactions into blocks; absent when it does not tell. */
  readonly sdm?: boolean
  /** Whether the state of its newest block can be read; the error's text if not. */
  readonly state: { readonly ok: true } | { readonly ok: false; readonly message: string }
  /** A block it has stored above its newest one: after a crash, bodies whose state was lost. */
  readonly stored?: BlockId
  /** Whether it says that it syncs by itself (`eth_syncing`); absent when it does not tell. */
  readonly syncing?: boolean
  /** Differs from the one before once anything it says of its sync has moved; absent = it says that it does not sync. */
  readonly syncMark?: string
  /** The block its sync is at, and the one it wants to get to; absent = it does not tell, or does not sync. */
  readonly syncBlocks?: { readonly current: bigint; readonly highest: bigint }
}

/**
 * A rollup's configuration as flat fields (`block_time`, `genesis.l2.hash`, `isthmus_time`, ...), whatever a version
 * calls them; numbers in decimal. A field without a value is absent.
 */
export type RollupFields = Readonly<Record<string, string>>

/** Who a consensus client is. A field is absent when the client does not tell. */
export type ConsensusIdentity = {
  /** `optimism_rollupConfig` */
  readonly rollup?: RollupFields
  /** `opp2p_self`: absent without p2p. */
  readonly peer?: string
}

/** Which chain an execution client is of: `eth_chainId` and the hash of block 0. */
export type ExecutionIdentity = {
  readonly chainId?: bigint
  readonly genesis?: Hash
  /** Whether a batcher can slow it down (`miner_setMaxDASize`); absent when it does not tell. */
  readonly throttled?: boolean
}

/** Who the two clients of a node say they are; of a client that was not reached there is no entry. */
export type Identity = {
  readonly consensus?: Answer<ConsensusIdentity>
  readonly execution?: Answer<ExecutionIdentity>
}

/** One look at one node. */
export type Observation = {
  readonly node: NodeName
  /** When the look ended (Unix ms). */
  readonly at: number
  readonly consensus: Answer<ConsensusView>
  readonly execution: Answer<ExecutionView>
  /** As told on the connections of this look; absent = whoever looked does not ask. */
  readonly identity?: Identity
}

/** A node as configured, as far as deciding is concerned. */
export type NodeConfig = {
  readonly name: NodeName
  readonly zone: string
  /** Higher is preferred. */
  readonly priority: number
  /** Never chosen automatically. */
  readonly noFailover: boolean
  /** What its op-node takes its safe chain from (`--l2.follow.source`), by any name; absent = it derives L1 itself. */
  readonly derivesFrom?: string
}
