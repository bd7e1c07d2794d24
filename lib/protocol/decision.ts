import type { Block, BlockId, Hash } from './block.ts'
import type { Branch } from './branch.ts'
import type { Builder } from './builder.ts'
import type { Clocks } from './clocks.ts'
import type { Derivation } from './derivation.ts'
import type { GateReach } from './gate-reach.ts'
import type { Grant } from './grant.ts'
import type { Standing } from './identity.ts'
import type { L1Verdict, L1View } from './l1.ts'
import type { NodeHistory } from './node-history.ts'
import type { FailureClass, NodeConfig, Observation } from './observation.ts'
import type { Policy } from './policy.ts'
import type { Reason } from './reason.ts'
import type { Head, Lease, NodeName } from './records.ts'
import type { Series } from './series.ts'
import type { Fed } from './top-up.ts'
import type { Published, Shown } from './uncommitted.ts'

/** Proof that L1 and most nodes have left the committed head, and where they stand now. */
export type Contradiction = {
  /** The contradicted head. */
  readonly of: { readonly hash: Hash; readonly term: number }
  /** Where the chain must continue: a block every node of the quorum has, derived from L1 or committed before. */
  readonly block: Block
  readonly why: Reason
}

/** The current run of equal results from one client. `since` is the time of its first sample (Unix ms). */
export type ObservationWindow = {
  readonly result: 'ok' | FailureClass
  readonly since: number
  readonly samples: number
}

/** What the monitor remembers of a node between observations. */
export type ObservedNode = {
  readonly observation: Observation
  readonly consensus: ObservationWindow
  readonly execution: ObservationWindow
  /** What only several observations can show. */
  readonly history?: NodeHistory
  /** How its derivation follows L1; absent = it has not answered yet. */
  readonly derivation?: Derivation
  /** What is known of its way to the gate; absent = not tried yet. */
  readonly gate?: GateReach
  /** Whether it is proved to be ours; absent = not asked. */
  readonly identity?: Standing
  /** The last start the node refused, and its term. */
  readonly failedStart?: { readonly term: number; readonly at: number; readonly message: string }
  /** The methods its engine offers; absent = not asked. */
  readonly engine?: readonly string[]
  /** A block it published without a commit; forgotten once its process has ended. */
  readonly published?: Published
  /** Whether its newest block, far below the head, is a committed one; absent = not looked up. */
  readonly branch?: Branch
  /** Blocks Baton posted to it that it takes from no other source; absent = it takes its blocks on its own. */
  readonly fed?: Fed
}

/** Everything a decision rests on. */
export type View = {
  readonly now: number
  readonly policy: Policy
  readonly nodes: readonly NodeConfig[]
  readonly observed: Readonly<Record<NodeName, ObservedNode>>
  /** The block every execution client was asked for in this observation. */
  readonly asked?: BlockId
  /** Read after the observations, so that no honest node can be ahead of it. Without its payload. */
  readonly head?: Head
  readonly lease?: Lease
  /** Head and lease are missing, but traces of earlier ones exist: the records were lost, the chain is not new. */
  readonly lostRecords?: boolean
  /** Without records: blocks known to be on the chain that ends in the highest head of any node. */
  readonly linked?: readonly Hash[]
  /** Without records: since when no node has moved, on the clock of `now`; absent = not watched. */
  readonly stillSince?: number
  /** When this process first saw this head under this term, by its own clock: lateness must survive clock skew. */
  readonly headSeenAt?: number
  /** The head came between the last two reads of this process, which followed each other in quick succession. */
  readonly headJustCame?: boolean
  /** When this process first saw this block as the head, under any term, by its own clock. */
  readonly blockSeenAt?: number
  /** Acts without an observed effect yet, by act and node. */
  readonly acts?: Readonly<Record<string, Series>>
  /** The genesis of the chain: as recorded, else that of a quorum of the nodes; absent = not proved yet. */
  readonly genesis?: Hash
  /** What the only node that names a block above the head could show of it; absent = not asked. */
  readonly shown?: { readonly node: NodeName; readonly hash: Hash; readonly how: Shown }
  /** Whether the gate answered the monitor; absent = not asked. */
  readonly gate?: { readonly ok: true } | { readonly ok: false; readonly message: string }
  /** What is known of other clocks; absent = nothing yet. */
  readonly clocks?: Clocks
  /** What L1 itself says; absent = no L1 endpoint of our own is configured. */
  readonly l1?: L1View
  /** The block building beside each node that has one configured; absent = none is watched. */
  readonly builders?: Readonly<Record<NodeName, Builder>>
  /** Proof that L1 contradicts the head; or, without proof, why most nodes seem to have left it. */
  readonly contradiction?: Contradiction
  readonly unexplained?: Reason
}

/** A view of a chain that has both records. */
export type Ready = View & { readonly head: Head; readonly lease: Lease }

/** The current role of a node. `outside`: it sequences, and no record exists that could fence it. */
export type Role = 'leading' | 'starting' | 'failing' | 'standby' | 'unfit' | 'fenced' | 'outside' | 'down'

/** The verdict on one node: its role, whether sequencing could move there, and why (not). */
export type Verdict = {
  readonly node: NodeName
  readonly role: Role
  readonly eligible: boolean
  /** Blocks behind the committed head; absent when unknown. */
  readonly lag?: bigint
  readonly reasons: readonly Reason[]
  /** Crash damage, if any, that makes a recovery worthwhile. */
  readonly damage?: readonly Reason[]
}

/** One idempotent act. Acts run in order; each result is observed before the next decision. */
export type Command =
  | { readonly act: 'seed'; readonly block: Block; readonly reasons: readonly Reason[] }
  | { readonly act: 'seed-lease'; readonly head: Head; readonly reasons: readonly Reason[] }
  | { readonly act: 'follow-head'; readonly reasons: readonly Reason[] }
  | { readonly act: 'grant'; readonly grant: Grant; readonly reasons: readonly Reason[] }
  | { readonly act: 'fence'; readonly node: NodeName; readonly term: number; readonly reasons: readonly Reason[] }
  /** Bring the node to the head if needed, and start its sequencer there. */
  | { readonly act: 'start'; readonly node: NodeName; readonly term: number; readonly reasons: readonly Reason[] }
  /** Best effort; Baton does not wait for it. */
  | { readonly act: 'stop'; readonly node: NodeName; readonly reasons: readonly Reason[] }
  /** Best effort; Baton does not wait for it. */
  | { readonly act: 'reset-derivation'; readonly node: NodeName; readonly reasons: readonly Reason[] }
  /** Post the committed blocks it lacks, some at a time; Baton does not wait for it. */
  | { readonly act: 'top-up'; readonly node: NodeName; readonly reasons: readonly Reason[] }
  | { readonly act: 'renew'; readonly reasons: readonly Reason[] }
  | { readonly act: 'cool-down'; readonly until: number; readonly reasons: readonly Reason[] }
  /** Move the head to where L1 and most nodes stand, under a term without a leader. */
  | { readonly act: 'follow-l1'; readonly block: Block; readonly reasons: readonly Reason[] }
  | { readonly act: 'refuse-switchover'; readonly reasons: readonly Reason[] }

/** How the chain is doing, for people and alarms. */
export type Condition = 'ok' | 'degraded' | 'moving' | 'halted' | 'observing'

/** What Baton would do now, and why it would not do something else. */
export type Decision = {
  readonly condition: Condition
  readonly commands: readonly Command[]
  /** The evidence for the decision, most important first. */
  readonly reasons: readonly Reason[]
  /** Page a person: acting would not help or is not allowed. */
  readonly page: readonly Reason[]
  /** A cause all nodes share: it keeps sequencing where it is. */
  readonly sharedCause?: Reason
  readonly verdicts: readonly Verdict[]
  /** Whether the chain reaches L1; absent = not observed. */
  readonly l1?: L1Verdict
  /** When to observe again (Unix ms), if sooner than the next tick. */
  readonly wakeAt?: number
}
