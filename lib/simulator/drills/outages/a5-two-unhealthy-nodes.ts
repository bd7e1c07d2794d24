import type { SimulatedBlock } from '../../chain/payload.ts'
import type { Drill } from '../drill.ts'

export const a5: Drill = {
  id: 'A5',
  name: 'two-unhealthy-nodes',
  outage: {
    date: '2025',
    chain: 'OP Stack (near-misses in op-conductor)',
    lasted: '–',
    happened:
      'Two unhealthy nodes handed leadership to each other while a healthy third never won; a conductor died while its node kept sequencing.',
    source: 'https://github.com/ethereum-optimism/optimism/pull/18697',
  },
  given: "ada's way to Baton is cut while it builds on, bob lost its state, cyd is healthy and two blocks behind",
  when: 'ada commits nothing any more',
  must: "cyd leads after at most two moves; ada's late commits are refused",
  async play(stage, check) {
    let sealed: SimulatedBlock | undefined
    stage.chain.events.on('sealed', ({ node, block }) => {
      if (node === 'ada') sealed = block
    })
    stage.chain.batcher.running = false
    stage.node('bob').loseState()
    stage.node('cyd').isolate()
    await stage.slots(2)
    await stage.begin()
    stage.node('ada').cutOff()
    check('cyd takes over', (await stage.takenOver('ada')) === 'cyd')
    const granted = await stage.granted()
    check('after at most two moves', granted.length <= 2, granted)
    stage.node('ada').cutOff(false)
    const { conductor } = stage.node('ada').consensus
    const late = sealed && (await conductor.commit(sealed.envelope).catch(({ message }: Error) => message))
    check('the block ada sealed meanwhile is refused', late === 'node ada is not the leader', late)
    check('the chain continues', await stage.blocks(3))
  },
}
