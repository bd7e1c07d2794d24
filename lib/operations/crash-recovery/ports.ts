import type { Actor, NodeName } from '../../protocol/records.ts'
import type { BackfillPorts } from '../backfill/ports.ts'
import type { Progress } from '../backfill/range.ts'

/** One recovery of one node, as its remedies see it: the ports of a backfill, and the node's machine. */
export type Recovering = {
  readonly ports: BackfillPorts
  readonly node: NodeName
  readonly actor: Actor
  /** The id of this run: an execution, a process or a command. No two runs share it. */
  readonly owner: string
  readonly signal: AbortSignal
  /** Called as the node receives blocks. */
  readonly onProgress: (progress: Progress) => void
}
