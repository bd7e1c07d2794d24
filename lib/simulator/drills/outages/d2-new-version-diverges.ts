import { placeHead } from '../../../operations/disaster/place-head.ts'
import { pause, resume } from '../../../operator/modes.ts'
import type { Hash } from '../../../protocol/block.ts'
import type { Drill } from '../drill.ts'

export const d2: Drill = {
  id: 'D2',
  name: 'new-version-diverges',
  outage: {
    date: '2024-03-12',
    chain: 'Kroma',
    lasted: '7.5 h',
    happened:
      'Five days after an upgrade a trie bug let state roots diverge: some nodes said BAD BLOCK. They went back to the data of nodes with the old version.',
    source: 'https://github.com/kroma-network/kroma/blob/main/postmortems/2024-03-12-zktrie-incident.md',
  },
  given: 'ada and bob run the new version; cyd still has the old one',
  when: "the roots diverge: cyd refuses ada's blocks, bob takes them",
  must: 'Baton reports cyd as falling behind at once; rolled back, the chain continues with cyd from its last block, on record',
  stage: { policy: { maxLag: 4n } },
  beyond: 'putting the old version and its data back on ada and bob is the work of their hosts',
  async play(stage, check) {
    const { ports, chain } = stage
    const diverged = new Set<Hash>()
    chain.batcher.running = false
    chain.events.on('sealed', ({ node, block }) => void (node === 'ada' && diverged.add(block.hash)))
    stage.node('cyd').rejectBlocks(({ hash }) => diverged.has(hash))
    await stage.begin()
    check('Baton reports cyd as falling behind', await stage.within(20, () => stage.reported('behind', 'cyd')))
    check('and nothing is moved for that', (await stage.granted()).length === 0)
    const good = stage.node('cyd').execution.head
    await pause(ports, 'carol')
    await ports.port('ada').stop()
    for (const name of ['ada', 'bob']) {
      const node = stage.node(name)
      await node.kill('host')
      node.loseBlocks(node.execution.head.number - good.number)
      await node.restart('host')
    }
    await stage.slots(2)
    await placeHead(ports, { hash: good.hash, by: 'carol', to: 'cyd', againstVote: true })
    await resume(ports, 'carol')
    check('cyd continues', (await stage.takenOver('ada', 30)) === 'cyd')
    const first = stage.acknowledged.find(({ node }) => node === 'cyd')
    check('from its last block', first?.parentHash === good.hash)
    check('the chain continues', await stage.blocks(4, 20))
    const follow = () => ['ada', 'bob'].every((name) => stage.node(name).execution.head.number > good.number + 2n)
    check('ada and bob follow', await stage.within(12, follow))
    check(
      'who decided it is on record',
      (await stage.history()).some(({ what }) => what === 'place-head'),
    )
  },
}
