import type { Drill } from '../drill.ts'

/** The skew of the published advice for this drill. */
const SKEW_MS = 30_000

export const a7: Drill = {
  id: 'A7',
  name: 'clock-skew',
  outage: {
    date: '2023-01',
    chain: 'Harmony shards 1 and 3',
    lasted: 'consensus lost',
    happened: "The leader's time server stopped; its timestamps crashed receivers, which went backwards.",
    source: 'https://talk.harmony.one/t/post-mortem-jan-2023-shard-1-and-shard-3-consensus-loss/22128',
  },
  given: "the monitor's clock is 30 s ahead, then another's 30 s behind",
  when: 'the leader freezes',
  must: 'the stall is detected anyway, one node is granted each time, and no term is used twice',
  beyond: 'setting the clock right, which is the work of the host',
  stage: { untouched: true },
  async play(stage, check) {
    const ahead = stage.monitor(SKEW_MS)
    check('a clock ahead: the chain comes up', (await stage.takenOver('')) === 'ada')
    await stage.blocks(4)
    await stage.begin()
    stage.node('ada').freeze('host')
    check('a clock ahead: the frozen leader is replaced', (await stage.takenOver('ada')) === 'bob')
    await stage.blocks(3)
    stage.node('ada').thaw('host')
    await ahead()
    stage.monitor(-SKEW_MS)
    await stage.slots(6)
    const before = (await stage.granted()).length
    stage.node('bob').freeze('host')
    const next = await stage.takenOver('bob', 30)
    check('a clock behind: the frozen leader is replaced', next !== undefined)
    const terms = (await stage.history()).flatMap(({ what, term }) => (what === 'grant' ? [term] : []))
    check('no term is granted twice', new Set(terms).size === terms.length, terms)
    check('one move for each freeze', before === 1 && terms.length === 2, await stage.granted())
  },
}
