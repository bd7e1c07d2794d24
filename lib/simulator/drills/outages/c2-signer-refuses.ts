import type { Drill } from '../drill.ts'

export const c2: Drill = {
  id: 'C2',
  name: 'signer-refuses',
  outage: {
    date: '2025-10-03',
    chain: 'Unichain',
    lasted: 'safe head 4 h 10 min, head 3 min',
    happened:
      'A third-party signer was misconfigured: batches and proposals could not be signed, and the chain was throttled.',
    source:
      'https://uniswaplabs.notion.site/Public-Postmortem-Unichain-Mainnet-and-Sepolia-Safe-Head-Stall-Withdrawal-Delay-28dc52b2548b802c89b7cb36af3e16e5',
  },
  given: 'the batcher posts in time',
  when: 'its signer refuses, so that it sends nothing',
  must: 'Baton names the batcher with the age of its last transaction and does not touch the sequencer; new keys in time end it',
  stage: { window: 40n, l1BlockTimeMs: 500 },
  async play(stage, check) {
    const { batcher } = stage.chain
    await stage.begin()
    const age = () => stage.latest()?.decision.l1?.batcher?.sinceInclusionMs ?? Number.POSITIVE_INFINITY
    check('a first batch is in', await stage.within(20, () => age() < 3_000))
    batcher.running = false
    const quietSince = Date.now()
    check('Baton reports the silent batcher', await stage.within(40, () => stage.reported('batcher-silent')))
    const [reported, truly] = [age(), Date.now() - quietSince]
    check(
      'with the age of its last transaction',
      Math.abs(reported - truly) < 3_000,
      `${reported} ms, truly ${truly} ms`,
    )
    check('people are paged', await stage.within(30, () => stage.paged('window-closing')))
    check('the sequencer continues', await stage.blocks(3, 5))
    check('and no node was granted', (await stage.granted()).length === 0)
    batcher.running = true
    check('with new keys it is over', await stage.within(16, () => stage.latest()?.decision.l1?.reasons.length === 0))
  },
}
