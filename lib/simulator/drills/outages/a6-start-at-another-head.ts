import type { Drill } from '../drill.ts'

export const a6: Drill = {
  id: 'A6',
  name: 'start-at-another-head',
  outage: {
    date: '2026-03',
    chain: 'Base node (near-miss)',
    lasted: '–',
    happened: "A node's start_sequencer ignored the head it was given to start at: two tips were possible.",
    source: 'https://github.com/base/base/pull/1544',
  },
  given: 'bob is three blocks behind and without peers; cyd is down',
  when: "ada's host dies and bob is to start",
  must: 'bob is first given the blocks it lacks, and builds on the fenced head and on nothing else',
  async play(stage, check) {
    stage.chain.batcher.running = false
    await stage.node('cyd').kill('host')
    stage.node('bob').isolate()
    await stage.slots(3)
    await stage.begin()
    await stage.node('ada').kill('host')
    check('bob takes over', (await stage.takenOver('ada')) === 'bob')
    await stage.blocks(2)
    const history = await stage.history()
    const started = history.find(({ what }) => what === 'start')?.reasons[0]
    const posted = Number(started?.evidence.posted)
    check('it was given what it lacked', posted >= 2, `${posted} payloads`)
    const fenced = history.find(({ what }) => what === 'fence')?.reasons[0]?.evidence.hash
    const first = stage.acknowledged.find(({ node }) => node === 'bob')
    check('its first block stands on the fenced head', first?.parentHash === fenced)
  },
}
