import type { Drill } from '../drill.ts'

export const b4: Drill = {
  id: 'B4',
  name: 'sequencer-stays-stopped',
  outage: {
    date: '2024',
    chain: 'OP Stack operators',
    lasted: 'until restarted by hand; 2 days on a devnet',
    happened: 'After errors and malformed JSON from L1 the sequencer stayed stopped although L1 was well again.',
    source: 'https://github.com/ethereum-optimism/optimism/issues/12740',
  },
  given: 'L1 is well, every process answers',
  when: "ada's sequencer is on and builds nothing",
  must: 'one automatic hand-over, not a second one',
  async play(stage, check) {
    await stage.begin()
    stage.node('ada').wedge()
    check('bob takes over', (await stage.takenOver('ada')) === 'bob')
    check('for the right reason', stage.reported('stalled', 'ada'))
    await stage.blocks(6)
    const granted = await stage.granted()
    check('with one move', granted.join() === 'bob', granted)
  },
}
