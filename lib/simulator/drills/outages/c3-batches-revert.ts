import type { Drill } from '../drill.ts'

export const c3: Drill = {
  id: 'C3',
  name: 'batches-revert',
  outage: {
    date: '2023-06-07, 2023-08-17',
    chain: 'Arbitrum One',
    lasted: 'hours, 1 h',
    happened:
      "After an upgrade the poster's nonce and L1 block were out of step, and its batches reverted; later its transactions were refused.",
    source: 'https://arbitrumfoundation.notion.site/June-7-2023-Batch-Poster-Outage-d49c50df42864c7b83521fd7aa5897f2',
  },
  given: "the batcher's transactions get into L1 blocks",
  when: 'they revert: nothing of them counts',
  must: 'a page for the safe head that stands still, although the batcher pays for transactions throughout',
  stage: { window: 40n, l1BlockTimeMs: 500 },
  beyond: 'suggesting which version to go back to',
  async play(stage, check) {
    const { batcher } = stage.chain
    await stage.begin()
    batcher.reverts = true
    const before = batcher.sent.length
    check('people are paged', await stage.within(50, () => stage.paged('window-closing')))
    check('while transactions are in L1 blocks', batcher.sent.length > before + 5)
    check(
      'the sequencer continues, and no node was granted',
      (await stage.granted()).length === 0 && (await stage.blocks(2, 4)),
    )
    batcher.reverts = false
    check('rolled back, it is over', await stage.within(16, () => stage.latest()?.decision.l1?.reasons.length === 0))
  },
}
