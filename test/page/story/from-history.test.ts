import { describe, expect, test } from 'vitest'
import { renderPage } from '../../../lib/lambda/widget/render-page.ts'
import { storyOfHistory } from '../../../lib/page/story/from-history.ts'
import { longHistory, NOW, unknown } from '../snapshots.ts'
import { blockAt, night, nightStory } from './night.ts'

const story = storyOfHistory(night)

test('who led from which fence to which; what is before the records is not known', () => {
  expect(story.stretches).toEqual([
    { leader: 'seq-a', term: 7, from: NOW - 47 * 60_000, to: NOW - 22_020 },
    { leader: 'seq-b', term: 8, from: NOW - 22_020, to: NOW },
  ])
  // There are older records, but none says who led.
  expect(story.since).toBe(NOW - 47 * 60_000)
})

test('no missed slot is claimed, nor that none was missed', () => {
  expect(story.gaps).toBeUndefined()
  const markup = renderPage(night, { theme: 'dark', controls: undefined })
  expect(markup).toContain('>Last hour: 2 moves<')
  expect(markup).not.toMatch(/0 slots missed(?!, )/)
})

describe('the widget', () => {
  test('it has timeline and moves, and nothing that a console strips', () => {
    const markup = renderPage(night, { theme: undefined, controls: undefined })
    expect(markup).toContain('seq-b took over from seq-a')
    expect(markup).toMatch(/class="timeline"[\s\S]*class="moves"/)
    expect(markup).not.toMatch(/<script|javascript:|\son\w+=|incidents/)
  })

  test('a chain without records, and one with many', () => {
    expect(renderPage(unknown, { theme: undefined, controls: undefined })).not.toMatch(/undefined|NaN/)
    const markup = renderPage(longHistory, { theme: undefined, controls: undefined })
    expect(markup.match(/data-key="r\d+"/g)).toHaveLength(30)
  })
})

describe('with the commits that the archive lists', () => {
  const BLOCK = night.view.policy.blockTimeMs
  /** The failover: three slots without a block between seq-a's last and seq-b's first. */
  const last = 41_234_556n
  const by = (leader: string, term: number, ago: number, number: bigint) => blockAt(ago, leader, term, number)
  const afterwards = Array.from({ length: 11 }, (_, i) => by('seq-b', 8, 900 + i * BLOCK, last + 11n - BigInt(i)))
  const earlier = Array.from({ length: 49 }, (_, i) => by('seq-a', 7, 27_900 + i * BLOCK, last - BigInt(i)))
  const commits = { newest: [...afterwards, ...earlier], around: [] }
  const reported = storyOfHistory(night, commits)

  test('a failover has its blocks, its missed slots and the time between the blocks', () => {
    expect(reported.moves.at(-1)).toMatchObject({
      term: 8,
      from: 'seq-a',
      missed: 3,
      before: [{ leader: 'seq-a' }, { leader: 'seq-a' }, { leader: 'seq-a', number: Number(last) }],
      after: [{ leader: 'seq-b', number: Number(last) + 1 }, { leader: 'seq-b' }, { leader: 'seq-b' }],
    })
    expect(reported.gaps).toMatchObject([{ missed: 3, from: NOW - 27_900, to: NOW - 20_900 }])
  })

  test('the same commits, seen by a process or listed by the archive, make the same card', () => {
    const [seen, listed] = [nightStory().moves.at(-1), reported.moves.at(-1)]
    const known = (steps = seen?.steps ?? []) =>
      steps.filter(({ what }) => what !== 'first-sign' && what !== 'decision')
    expect(listed).toEqual({ ...seen, steps: known() })
  })

  test('the widget draws commits, blocks and the card by the renderers of the page', () => {
    const markup = renderPage(night, { theme: undefined, controls: undefined, commits })
    expect(markup).toContain('Commits of the last 2 min: 58 blocks, 3 slots missed')
    expect(markup).toContain('3 slots missed, 7.00 s between the blocks')
    expect(markup).toContain('took over from seq-a 22 s ago, 3 slots missed')
    expect(markup).toContain(`data-key="${last}"`)
    expect(markup).toMatch(/class="lanes"[\s\S]*class="timeline"[\s\S]*class="moves"[\s\S]*class="blocks"/)
    expect(markup).not.toMatch(/<script|javascript:|\son\w+=|undefined|NaN/)
  })

  test('of a time of which only some blocks are listed, no more is claimed', () => {
    const markup = renderPage(night, { theme: undefined, controls: undefined, commits })
    expect(markup).toContain('>Last hour: at least 3 slots missed, 2 moves<')
    const calm = { newest: afterwards, around: [] }
    expect(renderPage(night, { theme: undefined, controls: undefined, commits: calm })).toContain(
      '>Last hour: not all slots recorded, 2 moves<',
    )
  })

  test('blocks around an older move are not measured against the newest ones', () => {
    const at = (ago: number, leader: string, term: number, number: bigint) => by(leader, term, ago, number)
    const switched = 47 * 60_000
    const around = [2, 1, 0, -1, -2, -3].map((i) =>
      at(switched - i * BLOCK, i >= 0 ? 'seq-a' : 'seq-c', i >= 0 ? 7 : 6, last - 1_400n + BigInt(i)),
    )
    const two = storyOfHistory(night, { newest: commits.newest, around })
    expect(two.moves.find(({ term }) => term === 7)).toMatchObject({ missed: 0, from: 'seq-c', to: 'seq-a' })
    expect(two.gaps).toEqual(reported.gaps)
  })

  test('a move between the newest blocks and those around it is shown in full', () => {
    const edge = storyOfHistory(night, { newest: afterwards, around: earlier.slice(0, 3) })
    expect(edge.moves.at(-1)).toEqual(reported.moves.at(-1))
    expect(edge.gaps).toEqual(reported.gaps)
  })

  test('a head far above what is archived: what is between is not recorded', () => {
    const [head] = afterwards
    if (!head) throw new Error('a block')
    const behind = earlier.map((block) => ({
      ...block,
      number: block.number - 30n,
      committedAt: block.committedAt - 30_000,
    }))
    const { unseen } = storyOfHistory(night, { newest: [head, ...behind], around: [] })
    expect(unseen).toMatchObject([{ to: head.committedAt, blocks: 40 }])
  })

  test('a move under way counts its slots until now', () => {
    const { lease, head } = night.view
    if (!lease || !head) throw new Error('the night has both')
    const view = { ...night.view, head: { ...head, number: last, committedTerm: 7 }, lease: { ...lease, term: 8 } }
    const begun = storyOfHistory({ ...night, view }, { newest: earlier, around: [] })
    expect(begun.moves.at(-1)).toMatchObject({ done: false, before: { length: 3 }, after: [] })
    expect(begun.gaps?.at(-1)).toMatchObject({ open: true, from: NOW - 27_900, to: NOW })
  })
})
