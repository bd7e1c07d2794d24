import type { SimulatedBlock } from '../../lib/simulator/chain/payload.ts'
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
      const posted = unposted(l1, nodes).filter(({ number, hash }) => referee.isChain(number, hash))
      // Derivation drops a batch whose origin L1 does not have, and what comes after it.
      const gone = l1.takenFrom === undefined ? -1 : posted.findIndex((block) => !hasOrigin(l1, block))
      const blocks = gone < 0 ? posted : posted.slice(0, gone)
      if (blocks.length > 0) l1.batches.push({ l1: number, blocks })
      for (const node of nodes) {
        const { consensus } = node
        consensus.process.run(() => void derive(node, l1).catch(() => {}))
      }
    }
    scheduler.after(l1.blockTimeMs, tick)
  }
  scheduler.after(l1.blockTimeMs, tick)
}

/** A node follows L1; where that took the origin of its newest block, it goes back to where its chain stands. */
async function derive(node: NodeHost, l1: HistoryL1): Promise<void> {
  const { consensus } = node
  await consensus.derive()
  const { unsafe } = consensus.heads ?? {}
  if (l1.takenFrom !== undefined && unsafe && !node.hasOrigin(unsafe)) await consensus.resetDerivation()
}

const hasOrigin = (l1: HistoryL1, { l1Origin }: SimulatedBlock) => l1.block(l1Origin.number).hash === l1Origin.hash

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
