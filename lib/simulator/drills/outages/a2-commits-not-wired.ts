import { adopt } from '../../../operator/adopt.ts'
import type { Drill } from '../drill.ts'

export const a2: Drill = {
  id: 'A2',
  name: 'commits-not-wired',
  outage: {
    date: '2024-09-21',
    chain: 'Base',
    lasted: '17 min, 546 empty blocks',
    happened: 'The conductor had been enabled the day before, but op-node was not sending it unsafe payloads.',
    source: 'https://base.mirror.xyz/TpAyBWKURrmafsXjANR1Gjn9Xqs_K2nV69xVT-XvLdA',
  },
  given: 'ada builds and commits nothing here: it was started in override mode',
  when: 'automatic failover is switched on',
  must: 'it is refused with the reason; after an orderly takeover each missed slot gets its block; a leader that stops committing later pages',
  stage: { untouched: true },
  async play(stage, check) {
    const { ports, chain } = stage
    chain.node('ada').consensus.conductor.overridden = true
    await stage.within(6, async () => (await ports.port('ada').start(chain.genesis.hash)).outcome === 'started')
    await stage.slots(4)
    await stage.begin()
    stage.monitor()
    await stage.slots(8)
    check('nothing is recorded, granted or armed', (await stage.head()) === undefined)
    check('Baton says why', stage.reported('bootstrap-wait'))

    const block = await adopt(ports, { to: 'bob', by: 'operator' })
    check('bob continues', (await stage.takenOver('')) === 'bob')
    check('on the very block ada stopped at', stage.acknowledged[0]?.parentHash === block.hash)
    const due = () => BigInt(Math.floor((Date.now() - Number(chain.genesis.timestamp) * 1000) / chain.blockTimeMs))
    const inTime = await stage.within(20, async () => ((await stage.head())?.number ?? 0n) >= due() - 1n)
    check('no slot stays without its block', inTime)

    stage.trouble.outlaws.add('bob')
    chain.node('bob').consensus.conductor.overridden = true
    check(
      'blocks published without a commit are paged for',
      await stage.within(12, () => stage.paged('commits-missing')),
    )
    await stage.slots(4)
    const granted = await stage.granted()
    check('no node is granted over them', granted.join() === 'bob', granted)
  },
}
