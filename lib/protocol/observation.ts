import type { Block, BlockId, Hash } from './block.ts'
import type { NodeName } from './records.ts'

/**
 * Why a call failed, by what answered.
 *
 * - The process, or its machine: `refused` (no process listens), `method` and `other` (its own JSON-RPC error).
 * - The way to it: `timeout`, `reset` (cut on each request).
 * - Something before it: `proxy` (an HTTP status, a web page, a redirect: no JSON-RPC answer).
 * - Something not proved to be ours: `identity`. Its answer counts for nothing.
 * - `credential` points to our own fault, and so does a request we could not even send (`other`).
 */
export type FailureClass = 'refused' | 'timeout' | 'reset' | 'proxy' | 'credential' | 'method' | 'other' | 'identity'

/**
 * Whether a process ordered to restart has gone: it cuts its connections before it refuses new ones. Without such an
 * order a cut proves nothing.
 */
export const isSeenAway = (failure: FailureClass): boolean => failure === 'refused' || failure === 'reset'

/** Failures without an answer from the process itself. */
export const isSilence = (failure: FailureClass): boolean =>
  failure === 'timeout' || failure === 'reset' || failure === 'proxy'

/** A client's answer, or its failure. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: FailureClass; readonly message: string }

/** An L2 block as op-node reports it. */
export type L2Block = Block & { readonly l1Origin: BlockId }

/** An L1 block as op-node reports it. `timestamp` in seconds. */
export type L1Block = BlockId & { readonly timestamp: bigint }

/** op-node: `optimism_syncStatus`, `admin_sequencerActive`, `admin_conductorEnabled`, `opp2p_peerStats`. */
export type ConsensusView = {
  readonly sequencing: boolean
  /** Whether it runs with `--conductor.enabled`; absent when the node does not report it. */
  readonly conductor?: boolean
  readonly unsafe: L2Block
  readonly safe: L2Block
  readonly finalized: L2Block
  /** Newest L1 block it knows. */
  readonly headL1: L1Block
  /** L1 block its derivation has reached. */
  readonly currentL1: L1Block
  readonly peers?: number
  /** `optimism_version`, for people; absent when the node does not report it. */
  readonly version?: string
  /** `admin_sdmStatus`: whether it may put post-execution transactions into blocks; absent when not reported. */
  readonly sdm?: boolean
}

/** An execution client: its newest block, a state probe there, and its hash at the committed height. */
export type ExecutionView = {
  readonly latest: BlockId
  /** Its hash at the number asked for (the committed head); `null` = it has no such block. */
  readonly at?: { readonly number: bigint; readonly hash: Hash | null }
  /** `web3_clientVersion`, for people. */
  readonly version?: string
  /** `admin_sdmStatus`: whether it may put post-execution transactions into blocks; absent when not reported. */
  readonly sdm?: boolean
  /** Whether the state of its newest block can be read; if not, the error's text. */
  readonly state: { readonly ok: true } | { readonly ok: false; readonly message: string }
  /** A block stored above its newest one: after a crash, bodies whose state was lost. */
  readonly stored?: BlockId
  /** Whether it reports that it syncs on its own (`eth_syncing`); absent when not reported. */
  readonly syncing?: boolean
  /** Changes whenever any part of its reported sync status moves; absent = it reports no sync. */
  readonly syncMark?: string
  /** The current and the highest block of its sync; absent = not reported, or no sync. */
  readonly syncBlocks?: { readonly current: bigint; readonly highest: bigint }
}

/**
 * A rollup's configuration as flat fields (`block_time`, `genesis.l2.hash`, `isthmus_time`, ...), under any version's
 * names; numbers in decimal. A field without a value is absent.
 */
export type RollupFields = Readonly<Record<string, string>>

/** The identity of a consensus client. A field is absent when the client does not report it. */
export type ConsensusIdentity = {
  /** `optimism_rollupConfig` */
  readonly rollup?: RollupFields
  /** `opp2p_self`: absent without p2p. */
  readonly peer?: string
}

/** The chain of an execution client: `eth_chainId` and the hash of block 0. */
export type ExecutionIdentity = {
  readonly chainId?: bigint
  readonly genesis?: Hash
  /** Whether a batcher can slow it down (`miner_setMaxDASize`); absent when not reported. */
  readonly throttled?: boolean
}

/** The reported identities of a node's two clients; a client that was not reached has no entry. */
export type Identity = {
  readonly consensus?: Answer<ConsensusIdentity>
  readonly execution?: Answer<ExecutionIdentity>
}

/** One observation of one node. */
export type Observation = {
  readonly node: NodeName
  /** When the observation ended (Unix ms). */
  readonly at: number
  readonly consensus: Answer<ConsensusView>
  readonly execution: Answer<ExecutionView>
  /** As reported on this observation's connections; absent = not asked. */
  readonly identity?: Identity
}

/** A node's configuration, as far as decisions need it. */
export type NodeConfig = {
  readonly name: NodeName
  readonly zone: string
  /** Higher is preferred. */
  readonly priority: number
  /** Never chosen automatically. */
  readonly noFailover: boolean
  /** The source of its op-node's safe chain (`--l2.follow.source`), by any name; absent = it derives L1 itself. */
  readonly derivesFrom?: string
}
