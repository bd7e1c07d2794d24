import { obstacles } from '../../../operations/upgrade/plan.ts'
import { setQuarantine } from '../../../operator/quarantine.ts'
import type { Drill } from '../drill.ts'

const upgrade = { to: 'v2', by: 'carol' }

export const a3: Drill = {
  id: 'A3',
  name: 'last-standby',
  outage: {
    date: '2022-01-09',
    chain: 'Arbitrum One',
    lasted: '~7 h',
    happened:
      'The main host failed while the backups were out for an upgrade; 284 accepted transactions were not on L1.',
    source: 'https://offchain.medium.com/todays-arbitrum-sequencer-downtime-what-happened-6382a3066fbc',
  },
  given: 'cyd is out for an upgrade, bob is the only standby',
  when: "the upgrade would continue with bob, and ada's host dies",
  must: 'the upgrade refuses to take the last standby; bob continues on the accepted blocks, in their order',
  async play(stage, check) {
    await setQuarantine(stage.ports, 'cyd', 'upgrade to v2', 'carol')
    await stage.within(8, () => stage.latest()?.view.lease?.quarantine.cyd !== undefined)
    const view = stage.latest()?.view
    const refused = view ? obstacles(view, upgrade, { step: 'upgrade', node: 'bob' }) : []
    check('the upgrade refuses the last standby', refused.join().includes('no standby could take over'), refused)
    await stage.begin()
    await stage.node('ada').kill('host')
    check('bob takes over', (await stage.takenOver('ada')) === 'bob')
    const last = stage.acknowledged.findLast(({ node }) => node === 'ada')
    const first = stage.acknowledged.find(({ node }) => node === 'bob')
    check("bob's first block stands on ada's last", first?.parentHash === last?.hash)
    check('the chain continues', await stage.blocks(3))
    check(
      'and reaches L1',
      await stage.within(
        20,
        () =>
          stage.chain.nodes[1]?.execution.safe.number !== undefined &&
          stage.chain.nodes[1].execution.safe.number >= (last?.number ?? 0n),
      ),
    )
  },
}
