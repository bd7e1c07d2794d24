import type { Drill } from '../drill.ts'

export const e4: Drill = {
  id: 'E4',
  name: 'our-own-store-gone',
  outage: {
    date: '2025-10-20',
    chain: 'AWS us-east-1 (Base slowed)',
    lasted: '~3 h',
    happened: "A race in DNS automation emptied DynamoDB's regional endpoint; Lambda and EC2 followed.",
    source:
      'https://www.ernestchiang.com/en/posts/2025/summary-of-the-amazon-dynamodb-service-disruption-in-the-northern-virginia-us-east-1-region',
  },
  given: 'ada leads and is healthy',
  when: 'the store does not answer for 12 slots, and comes back',
  must: 'no block is published without a commit, no node is granted or demoted, and the same node continues without a person',
  beyond: 'the page must come from outside the region: the alarm on silence (monitor-not-ticking)',
  async play(stage, check) {
    const before = await stage.head()
    await stage.begin()
    stage.trouble.storeGone = true
    await stage.slots(3)
    const heads = () => stage.chain.nodes.map(({ execution }) => execution.head.number)
    const stood = heads()
    await stage.slots(9)
    check('no node publishes a block', heads().join() === stood.join(), heads())
    stage.trouble.storeGone = false
    check('the chain continues', await stage.blocks(3, 16))
    const after = await stage.head()
    check('with the same node in the same term', after?.leader === before?.leader && after?.term === before?.term)
    await stage.slots(4)
    const granted = await stage.granted()
    check('no node was granted', granted.length === 0, granted)
  },
}
