import { placeHead } from '../../../operations/disaster/place-head.ts'
import { pause, resume } from '../../../operator/modes.ts'
import { setQuarantine } from '../../../operator/quarantine.ts'
import type { Hash } from '../../../protocol/block.ts'
import type { Drill } from '../drill.ts'

export const b5: Drill = {
  id: 'B5',
  name: 'receipts-trusted',
  outage: {
    date: '2024-04-01',
    chain: 'Kroma',
    lasted: '~3 h',
    happened:
      'An L1 failover hit an unsynced node whose empty receipts were trusted: a deposit was left out, and followers refused the block.',
    source:
      'https://github.com/kroma-network/kroma/blob/main/postmortems/2024-04-01-tx-receipts-validation-skip-incident.md',
  },
  given: "ada's L1 endpoint shows another L1 than there is",
  when: 'it builds blocks from it, which every other node refuses',
  must: 'Baton names ada within two blocks; an operator halts it, quarantines it and continues with bob from the last good block, on record',
  async play(stage, check) {
    const { ports, chain } = stage
    const invalid = new Set<Hash>()
    chain.batcher.running = false
    stage.trouble.outlaws.add('ada')
    chain.events.on('sealed', ({ node, block }) => void (node === 'ada' && invalid.add(block.hash)))
    for (const name of ['bob', 'cyd']) stage.node(name).rejectBlocks(({ hash }) => invalid.has(hash))
    await stage.begin()
    const at = (await stage.head())?.number ?? 0n
    stage.node('ada').l1.fork(chain.l1.head.number - 1n)
    check('Baton names ada', await stage.within(12, () => stage.reported('l1-view', 'ada')))
    const later = ((await stage.head())?.number ?? 0n) - at
    check('within two blocks', later <= 3n, `${later} blocks`)
    await stage.blocks(3)
    const good = stage.node('bob').execution.head
    await pause(ports, 'carol')
    await ports.port('ada').stop()
    await setQuarantine(ports, 'ada', 'its L1 endpoint lies', 'carol')
    await placeHead(ports, { hash: good.hash, by: 'carol', to: 'bob', againstVote: true })
    await resume(ports, 'carol')
    check('bob continues', (await stage.takenOver('ada')) === 'bob')
    const first = stage.acknowledged.find(({ node }) => node === 'bob')
    check('from the last good block', first?.parentHash === good.hash)
    check('the chain continues, cyd follows', await stage.blocks(4, 20))
    check('cyd is on it', await stage.within(6, () => stage.node('cyd').execution.head.number > good.number + 1n))
    check(
      'who decided it is on record',
      (await stage.history()).some(({ what, actor }) => what === 'place-head' && actor.name === 'carol'),
    )
  },
}
