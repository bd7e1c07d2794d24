import { describe, expect, test } from 'vitest'
import { renderPage } from '../../../lib/lambda/widget/render-page.ts'
import { storyOfHistory } from '../../../lib/page/story/from-history.ts'
import { longHistory, NOW, unknown } from '../snapshots.ts'
import { night } from './night.ts'

const story = storyOfHistory(night)

test('who led from which fence to which; what is before the records is not known', () => {
  expect(story.stretches).toEqual([
    { leader: 'seq-a', term: 7, from: NOW - 47 * 60_000, to: NOW - 22_020 },
    { leader: 'seq-b', term: 8, from: NOW - 22_020, to: NOW },
  ])
  expect(story.since).toBe(NOW - 86_400_000)
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
