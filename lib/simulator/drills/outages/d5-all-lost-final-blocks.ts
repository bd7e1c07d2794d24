import type { Drill } from '../drill.ts'

export const d5: Drill = {
  id: 'D5',
  name: 'all-lost-final-blocks',
  outage: {
    date: '2025-12',
    chain: 'Tempo',
    lasted: 'deadlock',
    happened:
      'Execution clients lost finalized blocks, and consensus never sent them again; with all of them behind, none could continue.',
    source: 'https://github.com/tempoxyz/tempo/issues/1309',
  },
  given: 'block H is final: it was committed',
  when: 'every host restarts with its execution client at H−2',
  must: 'H−1 and H are refilled in order from the archive before any node sequences',
  async play(stage, check) {
    stage.chain.batcher.running = false
    await stage.begin()
    await Promise.all(stage.chain.nodes.map((node) => node.kill('host')))
    const head = await stage.head()
    const target = (head?.number ?? 0n) - 2n
    for (const node of stage.chain.nodes) node.loseBlocks(node.execution.head.number - target)
    check(
      'every node lacks two blocks',
      stage.chain.nodes.every(({ execution }) => execution.head.number === target),
    )
    await Promise.all(stage.chain.nodes.map((node) => node.restart('host')))
    check('the chain continues', await stage.blocks(3, 24))
    const [next] = stage.acknowledged.filter(({ number }) => number > (head?.number ?? 0n))
    check('on H', next?.parentHash === head?.hash)
    const started = (await stage.history()).filter(({ what }) => what === 'start').flatMap(({ reasons }) => reasons)
    check(
      'the holes were refilled first',
      started.some(({ evidence }) => Number(evidence.posted) >= 2),
    )
  },
}
