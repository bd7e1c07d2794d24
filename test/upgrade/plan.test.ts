import { describe, expect, test } from 'vitest'
import type { UpgradeStep } from '../../lib/operations/upgrade/order.ts'
import { planUpgrade } from '../../lib/operations/upgrade/plan.ts'
import { OVERRIDDEN, UNDER_WAY } from '../../lib/protocol/quarantine.ts'
import { type Scene, T, view } from '../protocol/scene.ts'

const order = { to: 'v2', by: 'ann' }
const reported = (steps: readonly UpgradeStep[]) =>
  steps.map((each) => (each.step === 'upgrade' ? each.node : `${each.from}>${each.to}`)).join(' ')
const plan = (scene: Scene = {}, done: string[] = [], changes: object = {}) =>
  planUpgrade(view(scene), { ...order, ...changes }, done)
const out = (why: string) => ({ since: T, why, by: 'ann' })

describe('the order', () => {
  test.each<[string, string, Scene, string[]]>([
    ['standbys first, the least preferred before the others; the leader last', 'c b a>b a', {}, []],
    ['what is done is left out', 'b a>b a', {}, ['c']],
    ['the best standby takes over', 'a>b a', {}, ['b', 'c']],
    [
      'one an earlier run took out comes first',
      'b c a>c a',
      { lease: { quarantine: { b: out('upgrade to v2') } } },
      [],
    ],
    ['after the switchover', 'a', { head: { leader: 'b' }, lease: { leader: 'b' } }, ['b', 'c']],
    ['nothing left', '', {}, ['a', 'b', 'c']],
  ])('%s: %s', (_, expected, scene, done) => {
    expect(reported(plan(scene, done).steps)).toBe(expected)
  })
})

describe('not begun', () => {
  test.each<[string, RegExp, Scene]>([
    ['the last standby stays', /without c no standby/, { b: { cl: 'timeout', samples: 5 } }],
    ['a chain that is not well', /the chain is/, { after: 30_000, head: {}, view: { headSeenAt: T } }],
    ['while pinned', /pinned by/, { lease: { mode: 'hold', modeBy: 'bea' } }],
    ['during another upgrade', /out for an upgrade to v3/, { lease: { quarantine: { b: out('upgrade to v3') } } }],
    ['over one that stopped', /b is out .* v2 \(ann\): resume/, { lease: { quarantine: { b: out('upgrade to v2') } } }],
    [
      'with a node a person keeps out',
      /^c is out of eligibility: bad disk \(ann\); release it first$/,
      { lease: { quarantine: { c: out('bad disk') } } },
    ],
    ['with a node being recovered', /c is out of eligibility: crash/, { lease: { quarantine: { c: out(UNDER_WAY) } } }],
    ['with a node without commits', /publishes without commits/, { lease: { quarantine: { a: out(OVERRIDDEN) } } }],
    [
      'during a switchover',
      /is pending/,
      { lease: { switchover: { id: '1', notBefore: T + 9e9, by: 'bea', force: false } } },
    ],
  ])('%s', (_, why, scene) => {
    expect(plan(scene).obstacles.join()).toMatch(why)
  })
  test('unless the order says that the others may be missed', () => {
    expect(plan({ b: { cl: 'timeout', samples: 5 } }, [], { alone: true }).obstacles).toEqual([])
  })
  test('what this one took out before it stopped is no obstacle when it is resumed; what it is done with may stay out', () => {
    const resumed = (why: string, done: string[] = []) =>
      plan({ lease: { quarantine: { c: out(why) } } }, done, { resume: true, alone: true }).obstacles
    expect(resumed('upgrade to v2')).toEqual([])
    expect(resumed('bad disk', ['c'])).toEqual([])
    expect(resumed('bad disk')).toHaveLength(1)
  })
  test('a chain that is well has no obstacle', () => {
    expect(plan().obstacles).toEqual([])
  })
})
