import type { BuilderPort } from '../builder/watch.ts'
import type { Reach } from '../chain/sequencer.ts'
import type { Host } from '../host/host.ts'
import type { L1Port } from '../l1/watch.ts'
import type { Log } from '../log.ts'
import type { Block, BlockId, Hash } from '../protocol/block.ts'
import type { ClockWatch } from '../protocol/clocks.ts'
import type { NodeConfig, Observation } from '../protocol/observation.ts'
import type { Policy } from '../protocol/policy.ts'
import type { NodeName } from '../protocol/records.ts'
import type { Shown } from '../protocol/uncommitted.ts'
import type { HeadStore, HistoryStore, LeaseStore, MonitorLeaseStore, ObjectStore } from '../store/stores.ts'

/** A node's answer to the request to start its sequencer. */
export type StartOutcome =
  | { readonly outcome: 'started' | 'already-running' }
  /** It may start in a moment. `message`: the node's own text. */
  | { readonly outcome: 'head-mismatch' | 'no-prestate'; readonly message?: string }
  | { readonly outcome: 'refused'; readonly message: string }

/**
 * What the monitor needs of one sequencer. Each call is bounded. Only `observe` never throws. Until the node is proved
 * to be of our chain, all others throw IdentityError and send nothing.
 */
export type NodePort = {
  /** `brief`: peers and versions may be left out. */
  observe(asked: BlockId | undefined, brief?: boolean): Promise<Observation>
  /** `admin_startSequencer`: the node calls the gate before it answers. */
  start(at: Hash): Promise<StartOutcome>
  /** `admin_stopSequencer`; returns the hash it stopped at. */
  stop(): Promise<Hash>
  /** `admin_postUnsafePayload` with a committed envelope (JSON); queued, adopted later. */
  post(envelope: string): Promise<void>
  /** `admin_overrideLeader`: it publishes without commits until its process restarts. Absent = it cannot. */
  override?(): Promise<void>
  /** `admin_resetDerivationPipeline`: it asks L1 again which of its blocks are valid. */
  resetDerivation(): Promise<void>
  /** The consensus client's unsafe head right now. */
  unsafe(): Promise<BlockId>
  /** The envelope of a block this node's execution client has; `undefined` = it has no such block. */
  payload(block: BlockId): Promise<string | undefined>
  /** Whether its execution client can show a block above the committed head. Absent = it cannot be asked. */
  showsAbove?(named: BlockId, head: BlockId): Promise<Shown>
  /** A block of the execution client's own chain by number, or any it still keeps by hash; `null` = it has none. */
  block(query: { readonly number: bigint } | { readonly hash: Hash }): Promise<Block | null>
  /** Has an idle standby ask its conductor whether it leads. Absent = it cannot try. */
  reachGate?(): Promise<Reach>
  /** Resolves when this client is proved to be of our chain, for calls made by other ways. Absent = all are. */
  prove?(part: 'consensus' | 'execution'): Promise<void>
}

/** Time, injected so that the simulation can own it. */
export type Clock = {
  /** Unix ms. The clock may be set, so no duration is measured with it. */
  now(): number
  /** ms since some moment; unaffected when the clock is set. */
  monotonic(): number
  /** Resolves after `ms`, or at once when the signal aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** Everything the monitor of one chain works with. */
export type ChainPorts = {
  readonly chain: { readonly id: string; readonly name: string }
  readonly nodes: readonly NodeConfig[]
  readonly policy: Policy
  readonly port: (node: NodeName) => NodePort
  readonly heads: HeadStore
  readonly leases: LeaseStore
  readonly history: HistoryStore
  readonly monitorLease: MonitorLeaseStore
  readonly objects: ObjectStore
  readonly clock: Clock
  /** How far the store's clock is ahead of ours; absent = it does not report it. */
  readonly serverClock?: () => ClockWatch | undefined
  readonly log: Log
  /** The machine of a node; `undefined` = no command can run there. */
  readonly host?: (node: NodeName) => Host | undefined
  /** A short, increasing suffix that keeps History ids of one millisecond distinct and in order. */
  readonly suffix: () => string
  /** L1 through our own endpoint; absent = none is configured. */
  readonly l1?: L1Port
  /** The block building beside the nodes; absent = none is configured. */
  readonly builders?: BuilderPort
  /** The methods a node's engine offers; absent, or `undefined` for a node = Baton has no access to it. */
  readonly engineMethods?: (node: NodeName) => Promise<ReadonlySet<string>> | undefined
  /** Whether the gate answers; absent = the gates run beside the nodes and are not asked. */
  readonly gate?: () => Promise<{ readonly ok: true } | { readonly ok: false; readonly message: string }>
}

/** The clock of this process. */
export const systemClock: Clock = {
  now: Date.now,
  monotonic: () => Math.round(performance.now()),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done)
    }),
}
