import type { Drill } from '../drill.ts'

export const a1: Drill = {
  id: 'A1',
  name: 'unready-target',
  outage: {
    date: '2025-08-05',
    chain: 'Base',
    lasted: '33 min',
    happened:
      'The leader lagged under load; the conductor elected a node still being provisioned, which could neither build nor hand over again.',
    source: 'https://base-l2.statuspage.io/incidents/kdq3t8s13gfs',
  },
  given: 'ada leads, bob is ready, cyd is preferred to bob but still syncing',
  when: 'ada lags under load',
  must: 'cyd is never granted; bob builds on the fenced head; once none is ready, a page instead of a loop',
  stage: { nodes: ['ada', 'cyd', 'bob'], policy: { maxLag: 3n } },
  async play(stage, check) {
    stage.chain.batcher.running = false
    let accounts = 1
    const execution = stage.node('cyd').execution
    execution.syncing = () => ({ currentBlock: '0x0', highestBlock: '0x400', syncedAccounts: `0x${accounts++}` })
    await stage.slots(6)
    await stage.begin()
    stage.node('ada').slow(3_000)
    check('bob takes over', (await stage.takenOver('ada')) === 'bob')
    const first = stage.acknowledged.find(({ node }) => node === 'bob')
    const parent = stage.acknowledged.find(({ hash }) => hash === first?.parentHash)
    check("bob's first block stands on ada's last", parent?.node === 'ada')
    await stage.node('bob').kill('host')
    check('people are paged', await stage.within(20, () => stage.paged('no-candidate')))
    await stage.slots(6)
    const granted = await stage.granted()
    check('bob was granted, and no node after it', granted.join() === 'bob', granted)
  },
}
