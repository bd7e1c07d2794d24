import type { SimulatedBlock } from '../../lib/local/simulated/payload.ts'
import type { HistoryL1 } from './blocks.ts'
import type { NodeHost } from './node-host.ts'
import type { Referee } from './referee.ts'
import type { Scheduler } from './scheduler.ts'

/** Posts, with each L1 block, what the highest sequencing node has, and lets all nodes derive it. */
export function followL1(scheduler: Scheduler, l1: HistoryL1, nodes: readonly NodeHost[], referee: Referee): void {
  let seen = l1.head.number
  const tick = () => {
    const { number } = l1.head
    if (number > seen) {
      seen = number
      const blocks = unposted(l1, nodes).filter(({ number, hash }) => referee.isChain(number, hash))
      if (blocks.length > 0) l1.batches.push({ l1: number, blocks })
      for (const { consensus } of nodes) consensus.process.run(() => void consensus.derive().catch(() => {}))
    }
    scheduler.after(l1.blockTimeMs, tick)
  }
  scheduler.after(l1.blockTimeMs, tick)
}

const heightOf = (node: NodeHost | undefined) => node?.consensus.heads?.unsafe.number ?? 0n

function unposted(l1: HistoryL1, nodes: readonly NodeHost[]): SimulatedBlock[] {
  const source = nodes
    .filter(({ consensus }) => consensus.process.status === 'running' && consensus.sequencer.active)
    .reduce<NodeHost | undefined>((best, node) => (heightOf(node) > heightOf(best) ? node : best), undefined)
  const blocks: SimulatedBlock[] = []
  for (let number = (l1.batches.at(-1)?.blocks.at(-1)?.number ?? 0n) + 1n; number <= heightOf(source); number++) {
    const block = source?.execution.at(number)
    if (block === undefined) break
    blocks.push(block)
  }
  return blocks
}
