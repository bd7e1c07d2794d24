import type { Hash } from '../../../protocol/block.ts'
import type { Drill } from '../drill.ts'

export const d1: Drill = {
  id: 'D1',
  name: 'invalid-block',
  outage: {
    date: '2026-06-25',
    chain: 'Base',
    lasted: '116 min, and 20 min the next day',
    happened:
      'A stale journal after a failed transaction made an invalid block; a race in the engine reset slowed catching up, and it came again.',
    source: 'https://blog.base.dev/postmortem-june-25th-block-production-outage.md',
  },
  given: 'ada commits blocks that every other node calls invalid',
  when: 'ada dies',
  must: 'Baton reports both followers as falling behind, long before; a page instead of a failover loop',
  stage: { policy: { maxLag: 8n } },
  beyond: 'going back to the last good block is a decision of people: "baton disaster"',
  async play(stage, check) {
    const invalid = new Set<Hash>()
    stage.chain.batcher.running = false
    stage.chain.events.on('sealed', ({ node, block }) => void (node === 'ada' && invalid.add(block.hash)))
    for (const name of ['bob', 'cyd']) stage.node(name).rejectBlocks(({ hash }) => invalid.has(hash))
    await stage.begin()
    const stuck = () => stage.reported('behind', 'bob') && stage.reported('behind', 'cyd')
    check('Baton reports both followers as falling behind', await stage.within(24, stuck))
    check('and that no other node could lead', await stage.within(6, () => stage.reported('no-candidate')))
    await stage.node('ada').kill('host')
    check('people are paged', await stage.within(20, () => stage.paged('no-candidate')))
    await stage.slots(6)
    const granted = await stage.granted()
    check('no node is granted that would have to build on it', granted.length === 0, granted)
    const ours = stage.acknowledged.every(({ node }) => node === 'ada')
    check('no other block was put in the place of a committed one', ours)
  },
}
