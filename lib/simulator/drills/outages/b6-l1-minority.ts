import type { Drill } from '../drill.ts'

export const b6: Drill = {
  id: 'B6',
  name: 'l1-minority',
  outage: {
    date: '2025-09-02',
    chain: 'Starknet',
    lasted: '9 h, reorgs of ~1 h and ~20 min',
    happened: 'After RPC failures three sequencers saw different Ethereum states; slow blocks, a halt, two reorgs.',
    source: 'https://www.starknet.io/blog/starknet-incident-report-september-2-2025/',
  },
  given: 'cyd, the preferred standby, sees other L1 blocks than the three other nodes',
  when: "ada's host dies",
  must: 'cyd is not granted; nothing is re-sequenced automatically',
  stage: { nodes: ['ada', 'cyd', 'bob', 'dan'] },
  async play(stage, check) {
    const { l1 } = stage.node('cyd')
    await stage.begin()
    l1.fork(l1.head.number - 2n)
    check('Baton names cyd', await stage.within(12, () => stage.reported('l1-view', 'cyd')))
    await stage.slots(2)
    await stage.node('ada').kill('host')
    check('bob takes over', (await stage.takenOver('ada')) === 'bob')
    const granted = await stage.granted()
    check('cyd was never granted', !granted.includes('cyd'), granted)
    check('the chain continues', await stage.blocks(3))
  },
}
