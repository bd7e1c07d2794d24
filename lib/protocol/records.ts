import type { Block, BlockId, Hash } from './block.ts'
import type { Cause, Reason } from './reason.ts'

/** The name of a sequencer, unique in its chain. The empty string means "no node". */
export type NodeName = string

/**
 * The newest committed block of a chain and the fence around it: one item of the Heads table.
 * A block that never was the head was never published.
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
  /** The highest block the head was moved back from: nodes may show it for as long as L1 gives them no other. */
  readonly revertedFrom?: BlockId & { readonly parentHash: Hash }
  /** The last move of the head that was no commit: the evidence is written with the move itself. */
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

/** An operator's request to move sequencing, kept on the lease until it is carried out or refused. */
export type Switchover = {
  readonly id: string
  /** Where to; absent = the best eligible standby. */
  readonly to?: NodeName
  /** Not before this time (Unix ms). */
  readonly notBefore: number
  readonly by: string
  /** Move even to a node that is not eligible (never to one on another branch). */
  readonly force: boolean
  /** When it was asked for (Unix ms); absent in records of version 0.1. */
  readonly askedAt?: number
  /** Dropped after this time (Unix ms); absent in records of version 0.1. */
  readonly latest?: number
  /** Which of the chain's orders it is, as {@link Lease.orders} counts; absent in records of version 0.1. */
  readonly order?: number
}

/** What became of the last switchover that was not carried out. */
export type DroppedSwitchover = {
  readonly id: string
  /** Baton refused it, or a person took it back. */
  readonly outcome: 'refused' | 'withdrawn'
  readonly by: string
  /** Why it was refused. */
  readonly why?: Reason
}

/** A node taken out of eligibility until somebody puts it back. Times in Unix ms. */
export type Quarantine = {
  readonly since: number
  /** For people: nothing is decided by these words. */
  readonly why: string
  readonly by: string
  /** One of `quarantineKinds`; absent in records of earlier versions. Read it with `kindOf`. */
  readonly kind?: string
  /** The id of what works on the node: an execution, a process, a command. No two have the same. */
  readonly owner?: string
  /** When the owner last said that it is at work. */
  readonly heardAt?: number
  /** Of an upgrade: the version it is to install. Read it with `versionOf`. */
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
  /** The node it has out at present. */
  readonly node?: NodeName
  /** The nodes it has finished with; absent in records of version 0.1, whose history has them. */
  readonly done?: readonly NodeName[]
}

/**
 * Who should sequence, until when, and what the operator allows: one item of the Leases table.
 * It serves liveness only; that two nodes never commit is the head's business.
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
  /** Which of the chain's orders set the mode; absent = the first, or set by version 0.1. */
  readonly modeOrder?: number
  /** When commits were first seen to flow (Unix ms); 0 = Baton only observes. */
  readonly armedAt: number
  /** Nodes granted since the last term that committed: not tried again in this round. */
  readonly tried: readonly NodeName[]
  /** Times of the automatic grants of the last hour (Unix ms), oldest first. */
  readonly grants: readonly number[]
  /** No automatic move before this time (Unix ms). */
  readonly cooldownUntil: number
  readonly quarantine: Readonly<Record<NodeName, Quarantine>>
  readonly switchover?: Switchover
  /** The last switchover that was refused or withdrawn; absent in records of version 0.1. */
  readonly droppedSwitchover?: DroppedSwitchover
  /** The rolling upgrade that was begun last and has not come to its end. */
  readonly upgrade?: CarriedUpgrade
  /** Operator's acts so far: what was decided before one of them is not applied after it. */
  readonly orders: number
}

/** Who did something: Baton by itself, or a person. */
export type Actor = { readonly kind: 'baton' | 'operator'; readonly name: string }

/** One line of the chain's history: a decision or an operator's act, with what it rests on. */
export type HistoryRecord = {
  readonly chain: string
  /** Sort key: ISO time and a suffix that keeps two records of one millisecond apart. */
  readonly id: string
  readonly at: number
  readonly actor: Actor
  /** What was done: `grant`, `fence`, `start`, `refuse-switchover`, `pause`, … */
  readonly what: string
  readonly term: number
  /** The head's number when it was done. */
  readonly head: bigint
  readonly node?: NodeName
  readonly reasons: readonly Reason[]
  /** How often the same was done between `at` and `lastAt` (Unix ms); absent = once. */
  readonly count?: number
  readonly lastAt?: number
}
