import type { Drill } from '../drill.ts'

export const e5: Drill = {
  id: 'E5',
  name: 'finality-stalls',
  outage: {
    date: '2025-07-30, 2025-09-10',
    chain: 'Polygon PoS',
    lasted: '~1 h; finality 10–15 min late',
    happened:
      'A validator that left stalled the consensus layer; later a bad milestone forked nodes. Blocks went on, finality did not.',
    source: 'https://etherworld.co/2025/09/10/polygon-pos-incident-postmortem-milestone-bug-hard-fork-resolution/amp',
  },
  given: 'blocks are made, and batches reach L1',
  when: 'nothing becomes final',
  must: 'Baton distinguishes finality from everything else; nothing is moved',
  stage: { window: 3_600n, l1BlockTimeMs: 60 },
  async play(stage, check) {
    await stage.begin()
    stage.chain.l1.stopFinality()
    check('Baton reports it', await stage.within(70, () => stage.reported('finality-behind')))
    check('and nothing else', !stage.reported('window-closing') && !stage.reported('l1-frozen'))
    check('blocks keep coming', await stage.blocks(4, 6))
    check('no node was granted', (await stage.granted()).length === 0)
  },
}
