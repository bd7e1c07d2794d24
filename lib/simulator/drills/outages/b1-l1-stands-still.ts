import type { Drill } from '../drill.ts'

const DRIFT_MS = 9_000

export const b1: Drill = {
  id: 'B1',
  name: 'l1-stands-still',
  outage: {
    date: '2023-09-05',
    chain: 'Base',
    lasted: '29 min',
    happened: 'All L1 nodes had filled their disks; 600 s later, at the drift limit, the sequencer stopped.',
    source: 'https://base-l2.statuspage.io/incidents/n3q0q4z24b7h',
  },
  given: 'a sequencer drift limit of 18 slots',
  when: 'L1 stands still for every node',
  must: 'Baton warns long before the halt, the halt comes at the predicted block, nothing is moved, and the chain resumes with L1',
  stage: { maxDriftMs: DRIFT_MS },
  beyond: 'switching the L1 endpoint, restarting batcher and proposer',
  async play(stage, check) {
    const { chain } = stage
    await stage.begin()
    chain.l1.stop()
    // op-node takes an L1 block as origin once it is one deep.
    const limit = chain.l1.timeMs(chain.l1.head.number - 1n) + DRIFT_MS
    const predicted = BigInt(Math.floor((limit - Number(chain.genesis.timestamp) * 1000) / chain.blockTimeMs))
    check('Baton reports it', await stage.within(14, () => stage.reported('l1-frozen')))
    check('before the chain halts', ((await stage.head())?.number ?? 0n) < predicted)
    check('people are paged once the chain halts', await stage.within(30, () => stage.paged('l1-frozen')))
    await stage.slots(4)
    const last = (await stage.head())?.number ?? 0n
    check(
      'the halt is at the predicted block, ±1',
      last >= predicted - 1n && last <= predicted + 1n,
      `${last} (${predicted})`,
    )
    chain.l1.resume()
    check('the chain resumes with L1', await stage.blocks(5))
    const granted = await stage.granted()
    check('no node was granted', granted.length === 0, granted)
  },
}
