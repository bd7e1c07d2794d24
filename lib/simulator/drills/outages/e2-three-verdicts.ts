import type { Drill } from '../drill.ts'

export const e2: Drill = {
  id: 'E2',
  name: 'three-verdicts',
  outage: {
    date: '2023-04-26, 2021-09-14, 2025-07-29',
    chain: 'OP Mainnet, Arbitrum One, Hyperliquid',
    lasted: '2 h, 45 min, 37 min',
    happened:
      'Replicas lagged; a burst stuck the sequencer; the API layer was overloaded while blocks were fine. Users saw the same.',
    source:
      'https://github.com/ethereum-optimism/optimism/blob/d317e96c2add4a4e7fae72d6637ad241457f16c7/docs/postmortems/2023-04-26-transaction-delays.md',
  },
  given: 'ada leads',
  when: 'a replica lags, then the front does not answer, then the sequencer is stuck',
  must: 'three verdicts; only the third moves sequencing',
  stage: { policy: { maxLag: 3n } },
  async play(stage, check) {
    stage.chain.batcher.running = false
    await stage.begin()
    stage.node('cyd').isolate()
    check('Baton reports replica lag as that', await stage.within(16, () => stage.reported('behind', 'cyd')))
    check('and moves nothing', (await stage.granted()).length === 0)
    stage.node('cyd').isolate(false)

    stage.trouble.frontGone = true
    check('a front that is down is paged for as that', await stage.within(12, () => stage.paged('ingress')))
    await stage.slots(4)
    check('and moves nothing', (await stage.granted()).length === 0)
    stage.trouble.frontGone = false
    await stage.slots(4)

    stage.node('ada').wedge()
    check('a stuck sequencer is replaced', (await stage.takenOver('ada')) === 'bob')
    check('and reports it as that', stage.reported('stalled', 'ada'))
  },
}
