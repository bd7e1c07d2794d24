import type { ChainPorts } from '../../context/ports.ts'
import type { Ticked } from '../../monitor/tick.ts'
import type { Block } from '../../protocol/block.ts'
import type { Policy } from '../../protocol/policy.ts'
import type { ReasonCode } from '../../protocol/reason.ts'
import type { Head, HistoryRecord, NodeName } from '../../protocol/records.ts'
import type { SimulatedChain } from '../chain/chain.ts'
import type { SimulatedNode } from '../chain/node.ts'

/** The chain a drill needs. */
export type StageOptions = {
  /** In order of priority; default ada, bob, cyd. */
  readonly nodes?: readonly NodeName[]
  readonly policy?: Partial<Policy>
  /** ms; default 1000. */
  readonly l1BlockTimeMs?: number
  /** op-node's max sequencer drift in ms; default none. */
  readonly maxDriftMs?: number
  /** Baton observes L1 through its own endpoint; the sequencing window, in L1 blocks. */
  readonly window?: bigint
  /** Nothing is seeded and no monitor runs until the drill starts one. */
  readonly untouched?: boolean
}

/** A block the gate acknowledged, with the node that offered it. `at` is Unix ms. */
export type Acknowledged = Block & { readonly node: NodeName; readonly term: number; readonly at: number }

/**
 * A simulated chain of three sequencers over real HTTP, the gate they call, and a monitor; the store is in memory under
 * DynamoDB's conditions. Time is counted in slots, so that a drill may run on short ones.
 */
export type Stage = {
  readonly chain: SimulatedChain
  readonly ports: ChainPorts
  /** Everything the gate acknowledged, in order. */
  readonly acknowledged: readonly Acknowledged[]
  readonly trouble: Trouble
  node(name: NodeName): SimulatedNode
  head(): Promise<Head | undefined>
  /** Starts another monitor, with its clock wrong by this many ms; returns how to kill it. */
  monitor(clockOffMs?: number): () => Promise<void>
  /** What the newest turn of a monitor observed and decided. */
  latest(): Ticked | undefined
  /** Marks the start of the cause: measurements (gap, grants, pages) count from here. */
  begin(): Promise<void>
  /** Time of that mark (Unix ms); 0 = not yet. */
  began(): number
  /** Waits this many slots. */
  slots(count: number): Promise<void>
  /** Waits for a condition, at most this many slots; returns whether it came true. */
  within(slots: number, condition: () => boolean | Promise<boolean>): Promise<boolean>
  /** Waits until a node other than this one has committed in its own term; returns that node. */
  takenOver(from: NodeName, slots?: number): Promise<NodeName | undefined>
  /** Waits for this many more blocks; returns whether they came. */
  blocks(count: number, slots?: number): Promise<boolean>
  /** History since the mark, oldest first. */
  history(): Promise<readonly HistoryRecord[]>
  /** Nodes granted since the mark, in order. */
  granted(): Promise<readonly NodeName[]>
  /** Whether Baton paged for this since the mark. */
  paged(code: ReasonCode): Promise<boolean>
  /** Whether any turn since the mark gave this reason, about this node if one is named. */
  reported(code: ReasonCode, node?: NodeName): boolean
}

/** What can be wrong around the nodes. */
export type Trouble = {
  /** The store does not answer. */
  storeGone: boolean
  /** The gate's front does not answer; the nodes may still reach the gate itself. */
  frontGone: boolean
  /** Nodes that publish without committing (override mode): their chain is their own. */
  readonly outlaws: Set<NodeName>
}
