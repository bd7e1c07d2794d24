import { switchover } from '../../../operator/switchover.ts'
import type { Drill } from '../drill.ts'

export const b7: Drill = {
  id: 'B7',
  name: 'l1-reorg-missed',
  outage: {
    date: '2024-03-23',
    chain: 'Polygon zkEVM',
    lasted: '14 h',
    happened:
      'The synchronizer missed an L1 reorg for more than two epochs; about 4,000 transactions rested on a root that was gone.',
    source: 'https://forum.polygon.technology/t/polygon-zkevm-recent-network-outage-report/13702',
  },
  given: 'L1 replaced two blocks; ada, the leader, still follows the old ones',
  when: 'it commits blocks that derive from them',
  must: 'Baton reports both, moves nothing automatically, does not consider ada fit again, and records where the chain left L1',
  stage: { window: 3_600n },
  beyond: 'the re-sequencing itself is the runbook of "baton resequence"',
  async play(stage, check) {
    const { l1 } = stage.node('ada')
    await stage.begin()
    l1.fork(l1.head.number - 1n)
    check('Baton names ada', await stage.within(14, () => stage.reported('l1-view', 'ada')))
    check('Baton reports the committed origin as gone', await stage.within(20, () => stage.reported('l1-reorg')))
    check('nothing is moved automatically', (await stage.granted()).length === 0)
    const orphan = stage.acknowledged.find(({ l1Origin: at }) => at && stage.chain.l1.block(at.number).hash !== at.hash)
    check('the first block on a lost origin is on record', orphan !== undefined, orphan?.number)

    await switchover(stage.ports, { to: 'bob', by: 'carol' })
    check('an operator moves it to bob', (await stage.takenOver('ada')) === 'bob')
    await stage.blocks(6)
    const [newest] = stage.acknowledged.slice(-1)
    const origin = newest?.l1Origin
    check(
      'which builds on the L1 there is',
      origin !== undefined && stage.chain.l1.block(origin.number).hash === origin.hash,
    )
    const ada = stage.latest()?.decision.verdicts.find(({ node }) => node === 'ada')
    check('ada is not fit to take over again', ada?.eligible === false)
  },
}
