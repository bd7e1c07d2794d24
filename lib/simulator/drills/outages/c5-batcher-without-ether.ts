import type { Drill } from '../drill.ts'

export const c5: Drill = {
  id: 'C5',
  name: 'batcher-without-ether',
  outage: {
    date: '2024-09',
    chain: 'a chain on the opBNB stack',
    lasted: '~4 h; old blocks rebuilt after the refill',
    happened:
      'The batcher ran out of BNB; unsafe blocks were ten hours ahead of safe ones, the window was 14,400 blocks.',
    source: 'https://github.com/bnb-chain/opbnb/issues/244',
  },
  given: 'the batcher has ether for twelve hours, at the pace it spends',
  when: 'it spends all of it',
  must: 'a warning hours before, a page at zero with the time remaining in the window; a refill in time ends it',
  stage: { window: 60n, l1BlockTimeMs: 500 },
  async play(stage, check) {
    const { batcher } = stage.chain
    const pace = () => {
      const poster = stage.latest()?.view.l1?.sample?.batcher
      return poster?.spent ? Number(poster.spent.wei) / poster.spent.spanMs : 0
    }
    await stage.within(12, () => pace() > 0)
    await stage.begin()
    batcher.balanceWei = BigInt(Math.round(pace() * 12 * 3_600_000))
    check('hours before, Baton reports it', await stage.within(16, () => stage.reported('poster-poor')))
    batcher.balanceWei = 0n
    check('without any, people are paged', await stage.within(16, () => stage.paged('poster-empty')))
    const left = stage.latest()?.decision.l1?.window?.leftMs ?? 0
    check('with the time left in the window', left > 5_000, `${left} ms`)
    check(
      'sequencing continues, and no node was granted',
      (await stage.blocks(3, 6)) && (await stage.granted()).length === 0,
    )
    const safe = stage.chain.nodes[0]?.execution.safe.number ?? 0n
    batcher.balanceWei = 10n ** 20n
    const posts = () => (stage.chain.nodes[0]?.execution.safe.number ?? 0n) > safe
    check('after a refill the safe head advances', await stage.within(12, posts))
  },
}
