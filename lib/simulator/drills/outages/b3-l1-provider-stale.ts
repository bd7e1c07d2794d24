import type { Drill } from '../drill.ts'

export const b3: Drill = {
  id: 'B3',
  name: 'l1-provider-stale',
  outage: {
    date: '2024-03-22',
    chain: 'Blast',
    lasted: '9 min',
    happened:
      'One L1 provider stopped syncing while the other returned errors; the same had happened 85 minutes before.',
    source:
      'https://safe-violet-16b.notion.site/2024-03-22-L1-RPC-Provider-Instability-77cffb86d35c41e79d4100c80fe1e195',
  },
  given: "ada's L1 provider has a bad minute, and blocks keep coming",
  when: 'it stops again, and this time for longer than the drift limit',
  must: 'the first episode shows in the verdict and moves nothing; the second moves sequencing once, to a node with another provider',
  stage: { maxDriftMs: 8_000 },
  beyond: 'choosing between L1 providers is the work of the L1 proxy before op-node',
  async play(stage, check) {
    const { l1 } = stage.node('ada')
    await stage.begin()
    l1.stop()
    check('Baton reports the first episode', await stage.within(14, () => stage.reported('l1-older', 'ada')))
    l1.mend()
    await stage.slots(2)
    check('and moves nothing', (await stage.granted()).length === 0)
    l1.stop()
    check('past the drift limit bob takes over', (await stage.takenOver('ada', 44)) === 'bob')
    await stage.blocks(6)
    const granted = await stage.granted()
    check('with one move', granted.join() === 'bob', granted)
  },
}
