import type { Drill } from '../drill.ts'

export const c1: Drill = {
  id: 'C1',
  name: 'batches-never-land',
  outage: {
    date: '2024-05-10',
    chain: 'Degen, Proof of Play Apex (Orbit)',
    lasted: '~54 h, a reorg of ~500,000 blocks',
    happened:
      'The batch size had been raised to 10 MB and posting stalled; it was put back after the 24 h window had passed.',
    source:
      'https://conduitxyz.notion.site/External-Degen-and-Proof-of-Play-Incident-Post-Mortem-0b47c88868034e51924b00e712ca1ddb',
  },
  given: 'a sequencing window of 40 L1 blocks; the chain itself looks healthy',
  when: 'no batch lands any more',
  must: 'a warning at 25 % of the window, a page at 50 % with the right time remaining, no move; batches that land in time end it',
  stage: { window: 40n, l1BlockTimeMs: 500 },
  beyond: 'stopping the ingress; batches posted after the end are the concern of drill window-expired',
  async play(stage, check) {
    const { chain } = stage
    await stage.begin()
    chain.batcher.running = false
    check('Baton reports it', await stage.within(30, () => stage.reported('window-closing')))
    check('before it is paged for', !(await stage.paged('window-closing')))
    check('it is paged for', await stage.within(40, () => stage.paged('window-closing')))
    const window = stage.latest()?.decision.l1?.window
    check('from half of the window on', window !== undefined && window.used >= 0.5 && window.used < 0.65, window?.used)
    const safe = chain.nodes[0]?.execution.safe.l1Origin.number ?? 0n
    const left = chain.l1.timeMs(safe + 40n) - Date.now()
    const error = Math.abs((window?.leftMs ?? 0) - left)
    check('the time left is right within 10 % of the window', error <= 2_000, `${window?.leftMs} ms, truly ${left} ms`)
    chain.batcher.running = true
    check('batches that land end it', await stage.within(12, () => (stage.latest()?.decision.page.length ?? 1) === 0))
    check('no node was granted', (await stage.granted()).length === 0)
    check('no slot was missed', await stage.blocks(2, 4))
  },
}
