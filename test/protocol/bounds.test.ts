import { describe, expect, test } from 'vitest'
import { addAttempt, keepSeries, mayAct, type RepeatedAct, type Series, seriesKey } from '../../lib/protocol/series.ts'
import { brief, decideScene, hashOf, head, l2, type Scene, T, view } from './scene.ts'

const dead = { cl: 'refused', el: 'refused', samples: 2 } as const

function row(scene: Scene) {
  const { condition, acts, why, page } = brief(decideScene(scene))
  return `${condition} | ${acts || '-'} | ${why.split(', ')[0]}${page ? ` | page ${page.split(', ').at(-1)}` : ''}`
}

/** A series of so many tries, the last of them `agoMs` before now (`after` ms past T). */
const series = (
  act: RepeatedAct,
  node: string,
  count: number,
  agoMs: number,
  changes: Partial<Series> = {},
  after = 500,
) => {
  const last = T + after - agoMs
  const one = { act, node, count, first: last - 10_000, last, term: 3, head: 100n, ...changes }
  return { acts: { [seriesKey(act, node)]: one } }
}

describe('an act without effect is not repeated for ever', () => {
  test.each<[string, Scene, string]>([
    ['a fenced sequencer is asked to stop', { b: { sequencing: true } }, 'ok | stop b | committing'],
    ['not again at once', { b: { sequencing: true }, view: series('stop', 'b', 1, 3_000) }, 'ok | - | committing'],
    ['but after a pause', { b: { sequencing: true }, view: series('stop', 'b', 1, 5_100) }, 'ok | stop b | committing'],
    ['that grows', { b: { sequencing: true }, view: series('stop', 'b', 2, 5_100) }, 'ok | - | committing'],
    [
      'after its bound a person is paged, and it is not asked any more',
      { b: { sequencing: true }, view: series('stop', 'b', 4, 3_600_000) },
      'ok | - | committing | page no-effect',
    ],
    [
      'a start that takes, and no block comes of it: the next candidate',
      { after: 900, a: { sequencing: false }, view: series('start', 'a', 4, 1_500, {}, 900) },
      'moving | grant b | no-effect',
    ],
    [
      'no candidate: a page, and the start is tried again after a pause',
      { after: 900, a: { sequencing: false }, b: dead, c: dead, view: series('start', 'a', 4, 8_500, {}, 900) },
      'moving | start a | no-candidate | page no-effect',
    ],
    [
      'not before',
      { after: 900, a: { sequencing: false }, b: dead, c: dead, view: series('start', 'a', 4, 7_500, {}, 900) },
      'moving | - | no-candidate | page no-effect',
    ],
    [
      'an hour later still once a minute',
      { after: 900, a: { sequencing: false }, b: dead, c: dead, view: series('start', 'a', 90, 60_100, {}, 900) },
      'moving | start a | no-candidate | page no-effect',
    ],
    [
      'a new term is a new order to start',
      {
        lease: { leader: 'b', term: 4, previousLeader: 'a' },
        head: { leader: 'b', term: 4, fencedAt: T + 400 },
        view: series('start', 'b', 3, 100),
      },
      'moving | start b | not-sequencing',
    ],
  ])('%s', (_, scene, expected) => expect(row(scene)).toBe(expected))

  test('a clock that was set back does not hold an act up for longer than its pause', () => {
    const set = view({ view: series('stop', 'b', 1, -3_600_000) })
    expect(mayAct(set, 'stop', 'b')).toBe(true)
  })

  test('nor does it hold the page up', () => {
    const scene = { b: { sequencing: true }, view: series('stop', 'b', 4, -3_600_000) }
    expect(row(scene)).toBe('ok | - | committing | page no-effect')
  })
})

describe('a series ends when its effect is seen', () => {
  const kept = (scene: Scene) => keepSeries(view(scene)).length
  test.each<[string, Scene, number]>([
    ['stopped', { b: {}, view: series('stop', 'b', 2, 100) }, 0],
    ['still sequencing', { b: { sequencing: true }, view: series('stop', 'b', 2, 100) }, 1],
    ['does not answer: not known', { b: dead, view: series('stop', 'b', 2, 100) }, 1],
    ['not configured any more', { view: series('stop', 'x', 2, 100) }, 0],
    ['started, no block yet', { view: series('start', 'a', 1, 100) }, 1],
    ['a block since', { view: series('start', 'a', 1, 100, { head: 99n }) }, 0],
    [
      'a block of another term before the start',
      { head: { term: 4, leader: 'b' }, view: series('start', 'b', 1, 100, { term: 4 }) },
      1,
    ],
    ['still there', { b: { at: l2(99n) }, view: series('reset-derivation', 'b', 1, 9, { stood: hashOf(99n) }) }, 1],
    ['moved', { b: { at: l2(98n) }, view: series('reset-derivation', 'b', 1, 9, { stood: hashOf(99n) }) }, 0],
  ])('%s', (_, scene, expected) => expect(kept(scene)).toBe(expected))

  test('each try is counted, from the first on', () => {
    const first = addAttempt(view(), 'stop', 'b', head())
    const later = view({ after: 6_000, view: { acts: { [seriesKey('stop', 'b')]: first } } })
    expect(addAttempt(later, 'stop', 'b', head())).toMatchObject({ count: 2, first: T + 500, last: T + 6_000 })
  })
})

describe('no halt without a page', () => {
  const since = (ms: number) => ({ view: { blockSeenAt: T + 20_000 - ms, headSeenAt: T + 19_000 } })
  test('whatever the reason, and however often it changes', () => {
    // Our credentials fail at all of them, and the lease runs: nothing else pages.
    const scene: Scene = { after: 20_000, a: { cl: 'credential' }, lease: { expiresAt: T + 22_000 } }
    expect(row({ ...scene, ...since(16_000) })).not.toContain('page')
    expect(brief(decideScene({ ...scene, ...since(17_100) })).page).toContain('no-block')
  })
  test('a genesis in the future is no halt before its time', () => {
    const genesis = { number: 0n, timestamp: BigInt((T + 45_000) / 1_000), leader: '', term: 0, committedTerm: 0 }
    const scene: Scene = { after: 20_000, head: genesis, lease: { leader: '', term: 0, mode: 'hold' } }
    const page = brief(decideScene({ ...scene, ...since(20_000) })).page ?? ''
    expect(page).not.toContain('no-block')
  })
})

describe('a committed block that every node refuses', () => {
  const failedStart = { term: 3, at: T + 400, message: 'payload has bad block hash' }
  const refusing = { sequencing: false, at: l2(99n), failedStart }
  const all: Scene = {
    after: 3_000,
    a: refusing,
    b: refusing,
    c: refusing,
    lease: { tried: ['b', 'c'] },
    view: series('start', 'a', 2, 300, {}, 3_000),
  }
  test('is named, with the block to go back to and the command', () => {
    const [why] = decideScene(all).page
    expect(why).toMatchObject({
      code: 'head-unacceptable',
      evidence: { number: '100', hash: hashOf(100n), below: '99', parent: hashOf(99n) },
    })
  })
  test('also in the cool-down that follows', () => {
    const cooling = { ...all, lease: { tried: [], cooldownUntil: T + 50_000 } }
    expect(decideScene(cooling).page.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['head-unacceptable', 'cooldown']),
    )
  })
  test.each<[string, Scene]>([
    ['one node has it', { c: { sequencing: false, at: l2(100n), failedStart } }],
    ['one was not asked yet', { c: { sequencing: false, at: l2(99n) } }],
    ['one is still on its way there: it was given blocks, and takes them', { c: { ...refusing, at: l2(40n) } }],
    ['one stands beside the block below', { c: { ...refusing, at: l2(99n, 1) } }],
    ['they refused an earlier block', { c: { ...refusing, failedStart: { ...failedStart, term: 2 } } }],
  ])('not if %s', (_, scene) =>
    expect(decideScene({ ...all, ...scene }).page.map(({ code }) => code)).not.toContain('head-unacceptable'),
  )
})

describe('a head that no node holds', () => {
  const free: Scene = { head: { leader: '', committedTerm: 0 }, lease: { leader: '', tried: ['a', 'b', 'c'] } }
  const idle = { a: { sequencing: false } }
  test('every eligible node was tried: a cool-down, then a new round', () => {
    expect(row({ ...free, ...idle })).toBe('halted | cool-down | all-failed | page all-failed')
    const cooling = { leader: '', tried: [], cooldownUntil: T + 60_000 }
    expect(row({ ...free, ...idle, lease: cooling })).toBe('halted | - | cooldown | page cooldown')
    expect(row({ ...free, ...idle, lease: { ...cooling, cooldownUntil: T } })).toBe('moving | grant b | eligible')
  })
})
