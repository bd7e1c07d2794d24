import type { Drill } from '../drill.ts'

export const c4: Drill = {
  id: 'C4',
  name: 'backlog-grows',
  outage: {
    date: '2023-12-15',
    chain: 'Arbitrum One',
    lasted: '78–88 min',
    happened:
      'A fault of an L1 client and a rush of inscriptions let the backlog of batches grow until the feed failed.',
    source: 'https://fastcrypto.trade/arbitrum-network-went-offline-for-78-minutes-because-of-inscriptions',
  },
  given: 'ten times the usual load',
  when: 'L1 takes half of the blocks that are made',
  must: 'Baton reports the growing backlog long before anything fails; sequencing continues',
  stage: { window: 24n },
  beyond: 'throttling is the batcher’s own',
  async play(stage, check) {
    const { chain } = stage
    await stage.begin()
    chain.users.perBlock = 30
    chain.batcher.capacity = 1
    check('Baton reports the backlog', await stage.within(50, () => stage.reported('window-closing')))
    const { window, safeLag = 0n } = stage.latest()?.decision.l1 ?? {}
    check('while most of the window is left', window !== undefined && window.used < 0.5, window?.used)
    check('with the blocks it is about', safeLag > 6n, safeLag)
    check(
      'the chain continues, and no node was granted',
      (await stage.blocks(3, 6)) && (await stage.granted()).length === 0,
    )
    chain.batcher.capacity = Number.POSITIVE_INFINITY
    check(
      'it is over once L1 takes all',
      await stage.within(16, () => stage.latest()?.decision.l1?.reasons.length === 0),
    )
  },
}
