import type { Block, BlockId, Hash } from './block.ts'
import type { Cause, Reason } from './reason.ts'

/** The name of a sequencer, unique in its chain. The empty string means "no node". */
export type NodeName = string

/**
 * The newest committed block of a chain and the fence around it: one item of the Heads table.
 * Only blocks that became the head were ever published.
 */
export type Head = Block & {
  readonly chain: string
  /** The block's envelope (JSON, zstd), or the key of the object that holds it. */
  readonly payload?: Uint8Array
  readonly payloadRef?: string
  /** The only node that may commit. */
  readonly leader: NodeName
  /** Grows by one with every grant; never reset, deleted or expired. */
  readonly term: number
  /** The term under which this very block was committed; 0 for a seeded block. */
  readonly committedTerm: number
  /** When the gate wrote the block (Unix ms). Evidence only: the commit rule reads no clock. */
  readonly committedAt: number
  /** When this term became effective (Unix ms). */
  readonly fencedAt: number
  /** The highest block the head was moved back from. Nodes may report it until L1 gives them another. */
  readonly revertedFrom?: BlockId & { readonly parentHash: Hash }
  /** The last move of the head other than a commit. The same write moves the head and records the evidence. */
  readonly moved?: Moved
}

/** Who moved the head to another block, from where to where, when (Unix ms) and why. */
export type Moved = {
  readonly from: BlockId
  readonly to: BlockId
  readonly by: Actor
  readonly at: number
  readonly why: Reason
}

/** What the operator allows Baton to do on its own. */
export type Mode = 'auto' | 'paused' | 'hold'

/** An operator's request to move sequencing. It stays on the lease until it is carried out or refused. */
export type Switchover = {
  readonly id: string
  /** The target; absent = the best eligible standby. */
  readonly to?: NodeName
  /** Not before this time (Unix ms). */
  readonly notBefore: number
  readonly by: string
  /** Move even to a node that is not eligible (never to one on another branch). */
  readonly force: boolean
  /** When it was requested (Unix ms); absent in records of version 0.1. */
  readonly askedAt?: number
  /** Dropped after this time (Unix ms); absent in records of version 0.1. */
  readonly latest?: number
  /** Its number among the chain's orders, as {@link Lease.orders} counts; absent in records of version 0.1. */
  readonly order?: number
}

/** The outcome of the last switchover that was not carried out. */
export type DroppedSwitchover = {
  readonly id: string
  /** Baton refused it, or a person withdrew it. */
  readonly outcome: 'refused' | 'withdrawn'
  readonly by: string
  /** The reason for the refusal. */
  readonly why?: Reason
}

/** A node excluded from eligibility until an operator re-enables it. Times in Unix ms. */
export type Quarantine = {
  readonly since: number
  /** For people: no decision depends on this text. */
  readonly why: string
  readonly by: string
  /** One of `quarantineKinds`; absent in records of earlier versions. Read it with `kindOf`. */
  readonly kind?: string
  /** The unique id of what works on the node: an execution, a process, a command. */
  readonly owner?: string
  /** The owner's last heartbeat. */
  readonly heardAt?: number
  /** For an upgrade: the version it installs. Read it with `versionOf`. */
  readonly version?: string
}

/** A rolling upgrade and who carries it out. Times in Unix ms. */
export type CarriedUpgrade = {
  readonly to: string
  readonly by: string
  /** The id of what carries it out: an execution, a process, a command. Absent once it has stopped. */
  readonly owner?: string
  readonly since: number
  readonly heardAt: number
  /** The node it has quarantined at present. */
  readonly node?: NodeName
  /** The finished nodes; absent in records of version 0.1, whose history has them. */
  readonly done?: readonly NodeName[]
}

/**
 * Who should sequence, until when, and what the operator allows: one item of the Leases table.
 * It serves liveness only. The head keeps two nodes from committing.
 */
export type Lease = {
  readonly chain: string
  readonly leader: NodeName
  readonly term: number
  readonly cause: Cause
  readonly previousLeader: NodeName
  readonly grantedAt: number
  readonly renewedAt: number
  readonly expiresAt: number
  readonly mode: Mode
  readonly modeBy: string
  readonly modeAt: number
  /** The number of the order that set the mode; absent = the first order, or set by version 0.1. */
  readonly modeOrder?: number
  /** When Baton first saw commits flow (Unix ms); 0 = Baton only observes. */
  readonly armedAt: number
  /** Nodes granted since the last term that committed. This round does not try them again. */
  readonly tried: readonly NodeName[]
  /** Times of the automatic grants of the last hour (Unix ms), oldest first. */
  readonly grants: readonly number[]
  /** No automatic move before this time (Unix ms). */
  readonly cooldownUntil: number
  readonly quarantine: Readonly<Record<NodeName, Quarantine>>
  readonly switchover?: Switchover
  /** The last switchover that was refused or withdrawn; absent in records of version 0.1. */
  readonly droppedSwitchover?: DroppedSwitchover
  /** The rolling upgrade that began last and has not ended. */
  readonly upgrade?: CarriedUpgrade
  /**
   * The genesis of the chain these records are of, once it was proved by a quorum; a node with another one is of another
   * chain, even if all are. Absent in records of version 0.1, until the next renewal.
   */
  readonly genesis?: Hash
  /** Number of operator acts so far. A decision made before an act is not applied after it. */
  readonly orders: number
}

/** Who acted: Baton on its own, or a person. */
export type Actor = { readonly kind: 'baton' | 'operator'; readonly name: string }

/** One line of the chain's history: a decision or an operator's act, with its evidence. */
export type HistoryRecord = {
  readonly chain: string
  /** Sort key: ISO time and a suffix that separates records of the same millisecond. */
  readonly id: string
  readonly at: number
  readonly actor: Actor
  /** The act: `grant`, `fence`, `start`, `refuse-switchover`, `pause`, … */
  readonly what: string
  readonly term: number
  /** The head's number at that time. */
  readonly head: bigint
  readonly node?: NodeName
  readonly reasons: readonly Reason[]
  /** How often the act was repeated between `at` and `lastAt` (Unix ms); absent = once. */
  readonly count?: number
  readonly lastAt?: number
}
