import type { EventEmitter } from 'node:events'
import type { Cancel, Clock } from './clock.ts'
import type { SimulatedEvents } from './events.ts'
import type { SimulatedL1 } from './l1.ts'
import type { SimulatedNode } from './node.ts'
import { buildBlock, type HashOf, type SimulatedBlock } from './payload.ts'

const KEPT_BATCHES = 600

/** The batcher and its possible faults. */
export type Batcher = {
  /** While it does not run, nothing reaches L1. */
  running: boolean
  /** Its transactions are in L1 blocks, but have no effect. */
  reverts: boolean
  /** L2 blocks that fit into one L1 block. */
  capacity: number
  balanceWei: bigint
  /** The price of one transaction; it sends none that it cannot pay. */
  feeWei: bigint
  /** The L1 blocks with a transaction of it, oldest first. */
  readonly sent: bigint[]
}

export const newBatcher = (): Batcher => ({
  running: true,
  reverts: false,
  capacity: Number.POSITIVE_INFINITY,
  balanceWei: 10n ** 20n,
  feeWei: 10n ** 15n,
  sent: [],
})

/** What L1 and the rollup know of each other. */
export type Rollup = {
  readonly clock: Clock
  readonly l1: SimulatedL1
  readonly nodes: readonly SimulatedNode[]
  readonly batcher: Batcher
  readonly genesis: SimulatedBlock
  readonly dueAt: (number: bigint) => number
  /** The sequencing window in L1 blocks. */
  readonly window: bigint | undefined
  readonly hashOf: HashOf
}

/**
 * Drives L1: with each of its blocks the batcher posts the unposted blocks of the highest sequencing node, and the
 * nodes derive what L1 holds so far. Derivation replaces blocks not posted within the sequencing window by blocks
 * without users' transactions.
 */
export function followL1(rollup: Rollup, events: EventEmitter<SimulatedEvents>): Cancel {
  const { clock, l1, nodes, batcher } = rollup
  let cancel: Cancel = () => {}
  let seen = l1.head.number
  const tick = () => {
    const { number } = l1.head
    if (number > seen) {
      seen = number
      if (batcher.running) post(number)
      hold(number, forced(rollup, number))
      for (const { consensus } of nodes) consensus.process.run(() => void consensus.derive().catch(() => {}))
    }
    const wait = l1.timeMs(number + 1n) - clock.now()
    cancel = clock.after(wait > 0 ? wait : l1.blockTimeMs, tick)
  }
  const hold = (number: bigint, blocks: readonly SimulatedBlock[]) => {
    const [first] = blocks
    const last = blocks.at(-1)
    if (first === undefined || last === undefined) return
    l1.batches.push({ l1: number, blocks })
    if (l1.batches.length > KEPT_BATCHES) l1.batches.shift()
    events.emit('batch', { at: clock.now(), l1: number, from: first.number, to: last.number })
  }
  const post = (number: bigint) => {
    const blocks = unposted(rollup).slice(0, batcher.capacity)
    if (blocks.length === 0 || batcher.balanceWei < batcher.feeWei) return
    batcher.balanceWei -= batcher.feeWei
    batcher.sent.push(number)
    if (!batcher.reverts) hold(number, blocks)
  }
  tick()
  return () => cancel()
}

const safeOf = ({ l1, genesis }: Rollup) => l1.batches.at(-1)?.blocks.at(-1) ?? genesis

/** op-batcher asks the node whose sequencer is on; of several, the highest has the committed blocks. */
function unposted(rollup: Rollup): SimulatedBlock[] {
  let source: SimulatedNode | undefined
  for (const node of rollup.nodes) {
    const { process, sequencer } = node.consensus
    if (process.status === 'running' && sequencer.active && headOf(node) > headOf(source)) source = node
  }
  const blocks: SimulatedBlock[] = []
  const from = safeOf(rollup).number + 1n
  for (let number = from; number <= headOf(source); number += 1n) {
    const block = source?.execution.at(number)
    if (block === undefined) break
    blocks.push(block)
  }
  return blocks
}

/** The blocks that derivation makes up for an epoch without batches. */
function forced(rollup: Rollup, l1Head: bigint): SimulatedBlock[] {
  const { l1, dueAt, window, hashOf } = rollup
  const blocks: SimulatedBlock[] = []
  let parent = safeOf(rollup)
  while (window !== undefined && l1Head - parent.l1Origin.number > window) {
    const due = dueAt(parent.number + 1n)
    const next = parent.l1Origin.number + 1n
    const origin = l1.block(l1.timeMs(next) <= due ? next : parent.l1Origin.number)
    parent = buildBlock({ parent, timestamp: BigInt(Math.floor(due / 1000)), origin, transactions: [], hashOf })
    blocks.push(parent)
  }
  return blocks
}

function headOf(node: SimulatedNode | undefined): bigint {
  return node?.consensus.heads?.unsafe.number ?? 0n
}
