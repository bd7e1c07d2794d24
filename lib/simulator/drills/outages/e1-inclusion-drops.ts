import type { Drill } from '../drill.ts'

export const e1: Drill = {
  id: 'E1',
  name: 'inclusion-drops',
  outage: {
    date: '2026-01-31',
    chain: 'Base',
    lasted: '84 min',
    happened:
      'A larger builder queue kept fetching transactions that could not be executed: blocks went on, ~20 % of transactions landed.',
    source: 'https://status.base.org/incidents/zfvvgt46j9d8',
  },
  given: 'blocks come in time and every node is well',
  when: "most users' transactions stay out of them",
  must: 'Baton moves nothing: another sequencer with the same build would omit them too',
  beyond: 'the alarm: Baton sees blocks, not mempools. Watch a canary transaction, as op-ufm does',
  async play(stage, check) {
    await stage.begin()
    stage.chain.users.perBlock = 0
    check('blocks keep coming', await stage.blocks(10, 12))
    const newest = stage.node('bob').execution.head.envelope.executionPayload.transactions
    check('without the users', newest.length === 1, newest.length)
    check('no node was granted', (await stage.granted()).length === 0)
    check('the chain counts as well', stage.latest()?.decision.condition === 'ok')
  },
}
