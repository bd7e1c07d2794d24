import type { Drill } from '../drill.ts'

export const d4: Drill = {
  id: 'D4',
  name: 'crash-after-gossip',
  outage: {
    date: '2025',
    chain: 'opBNB (op-geth, path scheme)',
    lasted: 'until repaired by hand',
    happened: 'A crash before the journal was written lost the state of the head; the node was up and built no blocks.',
    source: 'https://github.com/bnb-chain/op-geth/pull/166',
  },
  given: 'block n is committed and gossiped',
  when: 'every host dies, and only ada comes back, its execution client at n−1',
  must: 'n is given to it before it starts, and never built again',
  async play(stage, check) {
    await stage.begin()
    stage.chain.batcher.running = false
    await Promise.all(stage.chain.nodes.map((node) => node.kill('host')))
    const head = await stage.head()
    const ada = stage.node('ada')
    const lost = ada.execution.head.number + 1n - (head?.number ?? 0n)
    if (lost > 0n) ada.loseBlocks(lost)
    check('ada lacks the last block', ada.execution.head.number === (head?.number ?? 0n) - 1n)
    await ada.restart('host')
    check('the chain continues', await stage.blocks(3, 24))
    const started = (await stage.history()).filter(({ what }) => what === 'start').flatMap(({ reasons }) => reasons)
    check(
      'the block was posted first',
      started.some(({ evidence }) => Number(evidence.posted) > 0),
    )
    const next = stage.acknowledged.find(({ number }) => number === (head?.number ?? 0n) + 1n)
    check('the next block stands on it', next?.parentHash === head?.hash)
  },
}
