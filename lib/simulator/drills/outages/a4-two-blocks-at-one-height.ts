import type { Drill } from '../drill.ts'

export const a4: Drill = {
  id: 'A4',
  name: 'two-blocks-at-one-height',
  outage: {
    date: '2024-02-15',
    chain: 'OP Mainnet',
    lasted: '~2 h',
    happened: 'The head stalled, unsafe blocks were replaced one at a time, and followers needed a restart.',
    source: 'https://blockworks.co/news/optimism-outage-instabilities',
  },
  given: 'ada is cut off from Baton and its peers, and publishes block n without a commit (override mode)',
  when: 'bob is granted and commits another block n',
  must: 'two hashes at one height page, and the page names ada; the committed chain stays on every other node',
  async play(stage, check) {
    const ada = stage.node('ada')
    stage.chain.batcher.running = false
    stage.trouble.outlaws.add('ada')
    await stage.begin()
    ada.isolate()
    ada.cutOff()
    ada.consensus.conductor.overridden = true
    check('bob takes over', (await stage.takenOver('ada')) === 'bob')
    const caughtUp = async () => ada.execution.head.number >= ((await stage.head())?.number ?? 0n)
    check('ada publishes on its own', await stage.within(20, caughtUp))
    ada.cutOff(false)
    ada.isolate(false)
    check('people are paged, and ada is named', await stage.within(12, () => stage.paged('forked')))
    check('the chain continues', await stage.blocks(3))
    const granted = await stage.granted()
    check('sequencing moved once', granted.join() === 'bob', granted)
  },
}
