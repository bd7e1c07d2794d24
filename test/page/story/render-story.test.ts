import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { renderState } from '../../../lib/page/render-state.ts'
import { axisOf, ticks } from '../../../lib/page/story/axis.ts'
import { renderStory } from '../../../lib/page/story/render-story.ts'
import { type Story, storySchema } from '../../../lib/page/story/story.ts'
import { NOW } from '../snapshots.ts'
import { night, nightStory } from './night.ts'

const story = nightStory()
const textOf = (markup: string) =>
  markup
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()

/** The text of a part of the story. */
const read = (reported: Story, part: RegExp) => textOf(renderStory(reported).text.match(part)?.[0] ?? '')
const timeline = /<section class="timeline"[\s\S]*?<\/section>/
const moves = /<section class="moves"[\s\S]*?<\/section>/
const plots = /<section class="plots"[\s\S]*?<\/section>/

test('it is drawn from plain data: JSON there and back changes nothing', () => {
  const sent = v.parse(storySchema, JSON.parse(JSON.stringify(story)))
  expect(renderStory(sent).text).toBe(renderStory(story).text)
})

describe('timeline', () => {
  test('an hour and a day, each with its missed slots and moves', () => {
    const text = read(story, timeline)
    expect(text).toContain('Last hour: 3 slots missed, 2 moves')
    expect(text).toContain('Last 24 h: 14 slots missed, 2 moves')
    expect(text).toContain('11 slots missed in 24 s')
  })

  test('what is older than the recording is shown as not known', () => {
    expect(read(story, timeline)).not.toContain('not recorded before')
    const since = NOW - 90 * 60_000
    const text = read({ ...story, since, stretches: [], gaps: [] }, timeline)
    expect(text.match(/not recorded before 2026-11-21 01:42:07.250 UTC/g)).toHaveLength(1)
  })

  test('a node that led and is no longer configured has a lane of its own', () => {
    const [gone, stay] = [story.stretches.at(-1)?.leader ?? '', story.nodes.filter((n) => n !== 'seq-b')]
    expect(gone).toBe('seq-b')
    const drawn = renderStory({ ...story, nodes: stay }).text
    expect(drawn).toContain('<li class="node c-none">seq-b</li>')
    const tops = [...drawn.matchAll(/<rect class="(c\S+)"[^>]* y="(-?[\d.]+)"/g)]
    const topsOf = (colour: string) => new Set(tops.filter(([, c]) => c === colour).map(([, , y]) => y))
    expect([...topsOf('c-none')].filter((y) => topsOf('c0').has(y))).toEqual([])
    expect(drawn).not.toMatch(/ y="-/)
  })

  test('a clock that was set back: gaps out of order are drawn where they were, each once', () => {
    const gap = (ago: number, missed: number) => ({ from: NOW - ago, to: NOW - ago + 10_000, missed, open: false })
    const text = read({ ...story, gaps: [gap(600_000, 4), gap(1_800_000, 4), gap(595_000, 4)] }, timeline)
    expect(text).toContain('4 slots missed in 10 s')
    expect(text).toContain('8 slots missed in 15 s')
  })

  test('acts are flags with who did what, and why', () => {
    expect(read(story, timeline)).toContain('switchover seq-a by ada: seq-c needs its disk replaced')
  })
})

describe('moves', () => {
  test('the newest is replayed: slots, steps with milliseconds, cost', () => {
    const text = read(story, moves)
    expect(text).toContain('seq-b took over from seq-a')
    expect(text).toContain('3 slots missed, 7.00 s between the blocks')
    for (const n of [1, 2, 3]) expect(text).toContain(`missed slot ${n}`)
    expect(text).not.toContain('missed slot 4')
    expect(text).toMatch(/Last block .* First sign .* Decision .* Grant .* Fence .* Start .* First block/)
    expect(text).toContain('+2 900 ms')
    expect(renderStory(story).text.match(/<details class="move[^>]* open/g)).toHaveLength(1)
  })

  test('one that is under way counts its slots until now', () => {
    const move = story.moves.at(-1)
    if (!move) throw new Error('there was a failover')
    const { missed: _, ...rest } = move
    const begun = { ...rest, done: false, after: [], steps: move.steps.filter(({ what }) => what !== 'first-block') }
    const text = read({ ...story, moves: [begun] }, moves)
    expect(text).toContain('seq-b takes over from seq-a')
    expect(text).toContain('no block yet, 13 slots missed so far')
    expect(text).toContain('missed slot 13')
    expect(renderStory({ ...story, moves: [begun] }).text).toContain('class="cost bad"')
    const last = begun.before.at(-1)?.at ?? 0
    const onTime = renderStory({ ...story, now: last + story.blockTimeMs, moves: [begun] }).text
    expect(onTime).toContain('class="cost">no block yet, 0 slots missed so far')
  })

  test('its report is linked where there is one', () => {
    expect(renderStory(story, { reportOf: (term) => `/incidents/${term}.md` }).text).toContain('href="/incidents/8.md"')
    expect(renderStory(story).text).not.toContain('incidents')
  })
})

describe('plots', () => {
  test('what is measured, each with its worst value', () => {
    const text = read(story, plots)
    expect(text).toMatch(/Commit, at the store most 10 ms.* p50 .* p99/)
    expect(text).toMatch(/Time between blocks most 7.0 s/)
    expect(text).toMatch(/Lag behind the head .* seq-a .* seq-b .* seq-c/)
    expect(text).toMatch(/Time left on L1 least .* batch window .* drift/)
    expect(text).toMatch(/Ether lasts for least 9 d.* batcher/)
  })

  test('nothing measured, nothing drawn', () => {
    expect(renderStory({ ...story, plots: story.plots.map((plot) => ({ ...plot, lines: [] })) }).text).not.toContain(
      'Measured',
    )
  })
})

test.each([1, 60, 3_600, 50 * 3_600, 30 * 86_400])('an axis of %i s has few labels', (s) => {
  const from = Date.UTC(2026, 2, 29, 0, 59, 59)
  expect(ticks(axisOf(from, from + s * 1_000), 8).length).toBeLessThanOrEqual(9)
})

test('nothing from outside becomes markup', () => {
  const evil = `"><img src=x onerror=alert(1)>'&<script>`
  const reported: Story = {
    ...story,
    chain: { id: evil, name: evil },
    nodes: [evil, ...story.nodes],
    flags: story.flags.map((flag) => ({ ...flag, text: evil })),
    stretches: story.stretches.map((stretch) => ({ ...stretch, leader: evil })),
    moves: story.moves.map((move) => ({
      ...move,
      from: evil,
      to: evil,
      why: evil,
      steps: move.steps.map((step) => ({ ...step, text: evil })),
      after: move.after.map((block) => ({ ...block, leader: evil, hash: evil })),
    })),
    plots: story.plots.map((plot) => ({
      ...plot,
      title: evil,
      lines: plot.lines.map((line) => ({ ...line, name: evil })),
    })),
  }
  const markup = renderStory(reported).text
  expect(markup).not.toMatch(/<img|<script/)
  expect(markup).not.toContain(evil)
  expect(markup).not.toMatch(/undefined|NaN|\[object/)
})

test('on the page the live parts come first, then the acts, then what happened', () => {
  const markup = renderState(night, { story })
  const order = ['banner', 'alert', 'nodes', 'lanes', 'timeline', 'moves', 'decision', 'history', 'plots'].map((name) =>
    markup.search(new RegExp(`<(section|header) class="${name}`)),
  )
  expect(order).not.toContain(-1)
  expect(order).toEqual(order.toSorted((a, b) => a - b))
})
