import { placeHead } from '../../../operations/disaster/place-head.ts'
import { pause, resume } from '../../../operator/modes.ts'
import { chainArchive } from '../../../store/archive.ts'
import type { Drill } from '../drill.ts'

export const d3: Drill = {
  id: 'D3',
  name: 'verifier-disagrees',
  outage: {
    date: '2026-01-05',
    chain: 'Starknet',
    lasted: '4.5 h down, 18 min of blocks reverted',
    happened:
      'The executor kept state from a reverted call; the prover noticed. An early halt on purpose limited the loss.',
    source: 'https://www.starknet.io/blog/starknet-incident-report-january-5-2026/',
  },
  given: 'blocks are committed that a verifier has not seen yet',
  when: 'it disagrees with one, a person halts the chain, and every node is reset to the last verified block',
  must: 'nothing starts while it is halted; it continues from the named block and only with its hash; the archive shows what was reverted',
  beyond: 'the verifier, and putting the nodes back',
  async play(stage, check) {
    const { ports, chain } = stage
    chain.batcher.running = false
    await stage.begin()
    const verified = await stage.head()
    if (!verified) throw new Error('a head is needed')
    await stage.blocks(4)
    await pause(ports, 'carol')
    await ports.port('ada').stop()
    await stage.slots(4)
    const stood = stage.acknowledged.length
    await stage.slots(4)
    check('halted, it stays halted', stage.acknowledged.length === stood)
    const reverted = stage.acknowledged.filter(({ number }) => number > verified.number)
    const archive = chainArchive(ports.objects, ports.chain.id)
    const payloads = await Promise.all(reverted.map((block) => archive.get(block).catch(() => undefined)))
    check(
      'the archive shows what is reverted',
      payloads.length >= 3 && payloads.every((text) => text?.includes('transactions')),
    )

    for (const node of chain.nodes) {
      await node.kill('host')
      node.loseBlocks(node.execution.head.number - verified.number)
      await node.restart('host')
    }
    await stage.slots(2)
    const wrong = await placeHead(ports, { hash: verified.parentHash, by: 'carol' }).then(
      () => false,
      () => true,
    )
    check('another block than the votes are for is refused', wrong)
    await placeHead(ports, { hash: verified.hash, by: 'carol', to: 'ada', againstVote: true })
    await resume(ports, 'carol')
    check('the chain continues', await stage.blocks(3, 40))
    const next = stage.acknowledged.findLast(({ number }) => number === verified.number + 1n)
    check('from the verified block', next?.parentHash === verified.hash)
    check(
      'who decided it is on record',
      (await stage.history()).some(({ what, actor }) => what === 'place-head' && actor.name === 'carol'),
    )
  },
}
