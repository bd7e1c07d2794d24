import type { Drill } from '../drill.ts'

export const b2: Drill = {
  id: 'B2',
  name: 'l1-fork-not-understood',
  outage: {
    date: '2024-03-13',
    chain: 'Blast',
    lasted: '65 min',
    happened: 'The build lacked full support for the header of an L1 fork; ten minutes later every sequencer halted.',
    source:
      'https://safe-violet-16b.notion.site/2024-03-13-Dencun-Headers-Post-Mortem-f797c90ba1824627b49a460ffd28212e',
  },
  given: 'all nodes run one build',
  when: 'none of them takes a new L1 block any more, while L1 continues',
  must: 'a page, since all fail alike, and no failover storm; after the fix Baton names the node that is still stuck',
  stage: { maxDriftMs: 6_000 },
  async play(stage, check) {
    await stage.begin()
    for (const { l1 } of stage.chain.nodes) l1.stop()
    check('people are paged', await stage.within(30, () => stage.paged('l1-frozen')))
    await stage.slots(6)
    for (const name of ['ada', 'bob']) stage.node(name).l1.mend()
    check('the chain resumes', await stage.blocks(5, 24))
    const granted = await stage.granted()
    check('no node was granted, nor when it was repaired', granted.length === 0, granted)
    check('cyd is named as still stuck', await stage.within(12, () => stage.reported('l1-older', 'cyd')))
  },
}
