import type { Actor, NodeName } from '../../protocol/records.ts'
import type { BackfillPorts } from '../backfill/ports.ts'
import type { Progress } from '../backfill/range.ts'

/** One recovery of one node, as its methods see it. What a backfill works with, and the machine of the node. */
export type Recovering = {
  readonly ports: BackfillPorts
  readonly node: NodeName
  readonly actor: Actor
  /** The id of what carries this recovery out: an execution, a process, a command. No two have the same. */
  readonly owner: string
  readonly signal: AbortSignal
  /** Told about blocks that were given to the node. */
  readonly onProgress: (progress: Progress) => void
}
