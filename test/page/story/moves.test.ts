import { describe, expect, test } from 'vitest'
import { flagsOf, movesOf } from '../../../lib/page/story/moves.ts'
import { reason } from '../../../lib/protocol/reason.ts'
import { NOW } from '../snapshots.ts'
import { BLOCK, nightHistory, nightStory } from './night.ts'

describe('a failover', () => {
  const move = nightStory().moves.at(-1)

  test('each step in the order of time, with its milliseconds', () => {
    expect(move?.steps.map(({ what, at }) => [what, NOW - at])).toEqual([
      ['last-block', 27_900],
      ['first-sign', 25_000],
      ['decision', 22_100],
      ['grant', 22_080],
      ['fence', 22_020],
      ['start', 21_010],
      ['first-block', 20_900],
    ])
    expect(move?.steps.find(({ what }) => what === 'start')?.until).toBe(NOW - 20_800)
  })

  test('from, to, cause and cost', () => {
    expect(move).toMatchObject({ kind: 'failover', term: 8, from: 'seq-a', to: 'seq-b', missed: 3 })
    expect(move?.why).toContain('seq-a: the consensus client has not answered')
    expect(move?.before.map(({ leader }) => leader)).toEqual(['seq-a', 'seq-a', 'seq-a'])
    expect(move?.after.map(({ leader }) => leader)).toEqual(['seq-b', 'seq-b', 'seq-b'])
  })

  test('from the history alone: what no process saw is absent, not guessed', () => {
    const [reported] = movesOf(nightHistory, { blockTimeMs: BLOCK }).slice(-1)
    expect(reported?.steps.map(({ what }) => what)).toEqual(['grant', 'fence', 'start'])
    expect(reported).toMatchObject({ from: 'seq-a', to: 'seq-b', before: [], after: [] })
    expect(reported?.missed).toBeUndefined()
  })
})

test('a switchover is one, and misses nothing', () => {
  const [asked] = nightStory().moves
  expect(asked).toMatchObject({ kind: 'switchover', term: 7, to: 'seq-a', missed: 0 })
  expect(asked?.steps.some(({ what }) => what === 'first-sign')).toBe(false)
})

test('flags: moves, pages and the acts of people, oldest first', () => {
  const page = {
    ...nightHistory[0],
    what: 'page',
    node: undefined,
    at: NOW,
    reasons: [reason('l1-frozen', { ageS: 90 })],
  }
  const flags = flagsOf([page, ...nightHistory] as typeof nightHistory)
  expect(flags.map(({ kind, text }) => [kind, text.split(':')[0]])).toEqual([
    ['act', 'pause by ada'],
    ['act', 'refuse seq-b'],
    ['act', 'resume by ada'],
    ['act', 'switchover seq-a by ada'],
    ['move', 'grant seq-a'],
    ['move', 'grant seq-b'],
    ['page', 'page'],
  ])
})

test('a block that is not known filled its slot', () => {
  const block = (number: number, ago: number, leader: string, term: number) => ({ number, at: NOW - ago, leader, term })
  const turns = [{ term: 8, before: [block(10, 8_000, 'seq-a', 7)], after: [block(12, 2_000, 'seq-b', 8)] }]
  expect(movesOf(nightHistory, { blockTimeMs: 2_000, turns }).at(-1)).toMatchObject({ term: 8, missed: 1 })
})
