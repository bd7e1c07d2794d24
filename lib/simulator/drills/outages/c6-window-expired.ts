import type { Drill } from '../drill.ts'

export const c6: Drill = {
  id: 'C6',
  name: 'window-expired',
  outage: {
    date: '2024–2025',
    chain: 'OP Stack operators',
    lasted: 'hours to days',
    happened:
      'The window passed: derivation made blocks of its own, the batcher posted expired batches and burnt ether, the safe head was empty-only.',
    source: 'https://github.com/ethereum-optimism/optimism/issues/11228',
  },
  given: 'a sequencing window of 14 L1 blocks; the batcher is stopped',
  when: 'the window passes, and every node replaces its blocks by what L1 derives',
  must: 'a page before; the head follows L1 only with the proof on record and a new term; the chain continues and reaches L1 again',
  stage: { window: 14n, l1BlockTimeMs: 500, policy: { stallMs: 5_000 } },
  async play(stage, check) {
    const { chain } = stage
    await stage.begin()
    chain.batcher.running = false
    check('it is paged for before', await stage.within(30, () => stage.paged('window-closing')))
    check(
      'and nothing is touched until it is over',
      (await stage.history()).every(({ what }) => what === 'page'),
    )
    const followed = async () => (await stage.history()).find(({ what }) => what === 'follow-l1')
    check('the head follows L1', await stage.within(40, async () => (await followed()) !== undefined))
    const proof = (await followed())?.reasons.map(({ code }) => code) ?? []
    check('with the proof on record', proof.includes('window-expired') || proof.includes('l1-derived'), proof)
    const moved = (await followed())?.at ?? 0
    const tried = (await stage.history()).filter(({ what, at }) => what === 'grant' && at < moved)
    check('no other node is tried on the head that L1 took back', tried.length <= 1, tried.length)
    chain.batcher.running = true
    check('the chain continues', await stage.blocks(4, 40))
    const from = stage.acknowledged.at(-1)?.number ?? 0n
    const safe = () => chain.nodes.every(({ execution }) => execution.safe.number >= from)
    check('and reaches L1 again', await stage.within(40, safe))
  },
}
