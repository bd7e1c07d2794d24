import type { Block } from './block.ts'
import type { Grant } from './grant.ts'
import type { NodeConfig, Observation } from './observation.ts'
import type { Policy } from './policy.ts'
import type { Reason } from './reason.ts'
import type { Head, Lease, NodeName } from './records.ts'

/** What is remembered of a node between looks. All times Unix ms; absent = not the case now. */
export type Trail = {
  readonly observation: Observation
  /** First of the running series of looks the consensus (execution) client did not answer in time. */
  readonly consensusSilentSince?: number
  readonly executionSilentSince?: number
  /** First of the running series of looks at which connections were refused. */
  readonly refusedSince?: number
  /** The last start that was refused by the node, and under which term. */
  readonly failedStart?: { readonly term: number; readonly at: number; readonly message: string }
}

/** Everything a decision rests on. */
export type View = {
  readonly now: number
  readonly policy: Policy
  readonly nodes: readonly NodeConfig[]
  readonly trails: Readonly<Record<NodeName, Trail>>
  /** Read after the observations, so that no node can honestly be ahead of it. Without its payload. */
  readonly head?: Head
  readonly lease?: Lease
  /** Whether the gate answered the monitor; absent = not asked. */
  readonly gate?: { readonly ok: true } | { readonly ok: false; readonly message: string }
}

/** What a node is to Baton right now. */
export type Role = 'leading' | 'starting' | 'failing' | 'standby' | 'unfit' | 'fenced' | 'down'

/** The verdict on one node: its role, whether sequencing could move there, and why (not). */
export type Verdict = {
  readonly node: NodeName
  readonly role: Role
  readonly eligible: boolean
  /** Blocks behind the committed head; absent when unknown. */
  readonly lag?: bigint
  readonly reasons: readonly Reason[]
}

/** One act, idempotent; carried out in order, each one's result seen before the next is decided. */
export type Command =
  | { readonly act: 'seed'; readonly block: Block; readonly reasons: readonly Reason[] }
  | { readonly act: 'seed-lease'; readonly head: Head; readonly reasons: readonly Reason[] }
  | { readonly act: 'follow-head'; readonly reasons: readonly Reason[] }
  | { readonly act: 'grant'; readonly grant: Grant; readonly reasons: readonly Reason[] }
  | { readonly act: 'fence'; readonly node: NodeName; readonly term: number; readonly reasons: readonly Reason[] }
  /** Bring the node to the head if needed, and start its sequencer there. */
  | { readonly act: 'start'; readonly node: NodeName; readonly term: number; readonly reasons: readonly Reason[] }
  /** Best effort, never waited for. */
  | { readonly act: 'stop'; readonly node: NodeName; readonly reasons: readonly Reason[] }
  | { readonly act: 'renew'; readonly reasons: readonly Reason[] }
  | { readonly act: 'cool-down'; readonly until: number; readonly reasons: readonly Reason[] }
  | { readonly act: 'refuse-switchover'; readonly reasons: readonly Reason[] }

/** How the chain is doing, for people and alarms. */
export type Condition = 'ok' | 'degraded' | 'moving' | 'halted' | 'observing'

/** What Baton would do now, and why not something else. */
export type Decision = {
  readonly condition: Condition
  readonly commands: readonly Command[]
  /** What the decision rests on, most important first. */
  readonly reasons: readonly Reason[]
  /** Wake a person: acting would not help or is not allowed. */
  readonly page: readonly Reason[]
  /** A cause all nodes share; nothing is moved because of it. */
  readonly sharedCause?: Reason
  readonly verdicts: readonly Verdict[]
  /** When to look again (Unix ms), if sooner than the next tick. */
  readonly wakeAt?: number
}
