import type { EventEmitter } from 'node:events'
import type { Cancel, Clock } from './clock.ts'
import type { SimulatedEvents } from './events.ts'
import type { SimulatedL1 } from './l1.ts'
import type { SimulatedNode } from './node.ts'
import type { SimulatedBlock } from './payload.ts'

const KEPT_BATCHES = 600

/** The batcher's process: while it does not run, nothing reaches L1. */
export type Batcher = { running: boolean }

/**
 * Makes L1 go on: with each of its blocks the batcher posts what the highest sequencing node has
 * that is not posted yet, and the nodes derive what L1 holds up to now.
 */
export function followL1(
  clock: Clock,
  l1: SimulatedL1,
  nodes: readonly SimulatedNode[],
  events: EventEmitter<SimulatedEvents>,
  batcher: Batcher,
): Cancel {
  let cancel: Cancel = () => {}
  let seen = l1.head.number
  const tick = () => {
    const { number } = l1.head
    if (number > seen) {
      seen = number
      if (batcher.running) post(number)
      for (const { consensus } of nodes) consensus.process.run(() => void consensus.derive().catch(() => {}))
    }
    const wait = l1.timeMs(number + 1n) - clock.now()
    cancel = clock.after(wait > 0 ? wait : l1.blockTimeMs, tick)
  }
  const post = (number: bigint) => {
    const blocks = unposted(l1, nodes)
    const [first] = blocks
    const last = blocks.at(-1)
    if (first === undefined || last === undefined) return
    l1.batches.push({ l1: number, blocks })
    if (l1.batches.length > KEPT_BATCHES) l1.batches.shift()
    events.emit('batch', { at: clock.now(), l1: number, from: first.number, to: last.number })
  }
  tick()
  return () => cancel()
}

/** op-batcher asks the node whose sequencer is on; of several, the highest has what was committed. */
function unposted(l1: SimulatedL1, nodes: readonly SimulatedNode[]): SimulatedBlock[] {
  let source: SimulatedNode | undefined
  for (const node of nodes) {
    const { process, sequencer } = node.consensus
    if (process.status === 'running' && sequencer.active && headOf(node) > headOf(source)) source = node
  }
  const blocks: SimulatedBlock[] = []
  const from = (l1.batches.at(-1)?.blocks.at(-1)?.number ?? 0n) + 1n
  for (let number = from; number <= headOf(source); number += 1n) {
    const block = source?.execution.at(number)
    if (block === undefined) break
    blocks.push(block)
  }
  return blocks
}

function headOf(node: SimulatedNode | undefined): bigint {
  return node?.consensus.heads?.unsafe.number ?? 0n
}
