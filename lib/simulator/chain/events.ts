import type { Block } from '../../protocol/block.ts'
import type { NodeName } from '../../protocol/records.ts'
import type { SimulatedBlock } from './payload.ts'

/** How a block came into a node's chain. */
export type BlockSource = 'own' | 'gossip' | 'posted' | 'peer' | 'l1'

/** The events of the simulated chain, as they happen. `at` is Unix ms. */
export type SimulatedEvents = {
  started: [{ at: number; node: NodeName; block: Block }]
  stopped: [{ at: number; node: NodeName; block: Block }]
  sealed: [{ at: number; node: NodeName; block: SimulatedBlock }]
  committed: [{ at: number; node: NodeName; block: Block }]
  refused: [{ at: number; node: NodeName; block: Block; message: string }]
  gossip: [{ at: number; node: NodeName; block: Block }]
  insert: [{ at: number; node: NodeName; block: Block; source: BlockSource }]
  batch: [{ at: number; l1: bigint; from: bigint; to: bigint }]
  fault: [{ at: number; node: NodeName; fault: string }]
}

/** Emits one event; the time and the node are added on the way. */
export type Emit = <name extends 'started' | 'stopped' | 'sealed' | 'committed' | 'refused' | 'gossip' | 'insert'>(
  name: name,
  facts: Omit<SimulatedEvents[name][0], 'at' | 'node'>,
) => void
