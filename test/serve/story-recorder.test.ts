import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Snapshot } from '../../lib/context/inspect.ts'
import type { Log } from '../../lib/log.ts'
import { silentLog } from '../../lib/log.ts'
import { renderStory } from '../../lib/page/story/render-story.ts'
import { keepStory, recallHistory } from '../../lib/serve/keep-story.ts'
import { recordStory } from '../../lib/serve/story-recorder.ts'
import { memoryStores } from '../../lib/store/memory/stores.ts'
import { happy, NOW } from '../page/snapshots.ts'
import { BLOCK, blockAt, night, nightHistory, nightStory, recordNight } from '../page/story/night.ts'

const DAY_MS = 86_400_000

describe('slots', () => {
  const steps = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 80 })

  test('property: slots = blocks + missed slots, the open gap included', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 30 }), (apart, silent) => {
        const total = apart.reduce((sum, each) => sum + each, 0) + silent
        const recorder = recordStory(BLOCK, () => NOW - total * BLOCK)
        let slot = 0
        const commit = (number: number) => {
          const block = blockAt((total - slot) * BLOCK, 'seq-a', 7, BigInt(number))
          recorder.onBlock({ block, tookMs: 5 })
        }
        commit(0)
        for (const [i, step] of apart.entries()) {
          slot += step
          commit(i + 1)
        }
        const missed = recorder.storyOf(at(apart.length, silent * BLOCK)).gaps.reduce((sum, gap) => sum + gap.missed, 0)
        // The slot that ends now may still be filled.
        const open = silent === 0 ? 0 : silent - 1
        expect(missed).toBe(total - silent - apart.length + open)
      }),
    )
  })

  test('the slots of blocks that another process committed are not called missed', () => {
    const recorder = recordStory(BLOCK, () => NOW - 60_000)
    recorder.onBlock({ block: blockAt(60_000, 'seq-a', 7, 100n), tookMs: 5 })
    recorder.onBlock({ block: blockAt(0, 'seq-a', 7, 130n), tookMs: 5 })
    expect(recorder.storyOf(at(130)).gaps).toEqual([])
  })

  test('a commit of another gate is in the head, and does not count twice', () => {
    const recorder = recordStory(BLOCK, () => NOW - 60_000)
    recorder.onBlock({ block: blockAt(20_000, 'seq-a', 7, 100n), tookMs: 5 })
    for (const i of [0, 1, 2, 3, 4]) {
      const seen = at(101 + i, 18_000 - i * BLOCK)
      recorder.onTick(seen)
      recorder.onTick(seen)
    }
    recorder.onBlock({ block: blockAt(8_000, 'seq-a', 7, 106n), tookMs: 5 })
    const { gaps, stretches } = recorder.storyOf({ ...at(109, 1_900), history: [] })
    expect(gaps).toEqual([])
    expect(stretches.at(-1)).toEqual({ leader: 'seq-a', term: 7, from: NOW - 20_000, to: NOW - 8_000 })
  })

  test('a head that a fence has touched is no commit of its new leader', () => {
    const recorder = recordStory(BLOCK, () => NOW - 60_000)
    recorder.onBlock({ block: blockAt(20_000, 'seq-a', 7, 100n), tookMs: 5 })
    const { view, decision } = at(101, 18_000)
    const fenced = { ...view, ...(view.head && { head: { ...view.head, leader: 'seq-b', term: 8 } }) }
    for (const _ of [1, 2]) recorder.onTick({ view: fenced, decision })
    expect(recorder.storyOf({ ...happy, view: fenced }).stretches.map(({ leader }) => leader)).not.toContain('seq-b')
  })
})

/** {@link happy} with a head of this number, committed so long ago (ms). */
function at(number: number, ago = 0): Snapshot {
  const head = happy.view.head && { ...happy.view.head, number: BigInt(number), committedAt: NOW - ago }
  return { ...happy, view: { ...happy.view, ...(head && { head }) } }
}

describe('blocks that this process did not see', () => {
  /** A row of blocks up to now: how many slots after the one before, and whether it begins a term. */
  const chain = fc.array(fc.record({ slots: fc.integer({ min: 1, max: 9 }), moves: fc.boolean() }), {
    minLength: 12,
    maxLength: 60,
  })
  type Step = { slots: number; moves: boolean }
  const blocksOf = (steps: readonly Step[]) => {
    let [ago, term] = [steps.reduce((sum, { slots }) => sum + slots, 0) * BLOCK, 1]
    return steps.map(({ slots, moves }, i) => {
      ago -= slots * BLOCK
      if (moves) term += 1
      return blockAt(ago, `seq-${'abc'[term % 3]}`, term, BigInt(i + 1))
    })
  }
  const quiet = (number: number) => ({ ...at(number), history: [] })

  test('property: filled in from the archive, the story is that of who saw them all', () => {
    fc.assert(
      fc.property(chain, fc.nat(), fc.nat(), (steps, a, b) => {
        const blocks = blocksOf(steps)
        const [from, to] = [a % blocks.length, b % blocks.length].toSorted((x, y) => x - y) as [number, number]
        const whole = recordStory(BLOCK, () => NOW)
        for (const block of blocks) whole.onBlock({ block, tookMs: 5 })
        const holed = recordStory(BLOCK, () => NOW)
        for (const [i, block] of blocks.entries()) if (i < from || i >= to) holed.onBlock({ block, tookMs: 5 })
        for (const hole of holed.holes()) {
          const { before, after } = hole
          const listed = blocks.filter(
            ({ number }) => Number(number) > (before?.number ?? 0) && Number(number) < after.number,
          )
          holed.fill(hole, listed)
        }
        expect(holed.holes()).toEqual([])
        const [expected, reported] = [whole.storyOf(quiet(blocks.length)), holed.storyOf(quiet(blocks.length))]
        const missed = ({ gaps }: typeof reported) => gaps.reduce((sum, gap) => sum + gap.missed, 0)
        const { since, unseen } = reported
        expect({ since, unseen, missed: missed(reported) }).toEqual({
          since: expected.since,
          unseen: [],
          missed: missed(expected),
        })
        // A few seconds without a look are no hole: the stretches may lack what was led in them.
        const long = (blocks[to]?.committedAt ?? 0) - (blocks[from - 1]?.committedAt ?? 0) > 10_000
        if (long || from === to || from === 0) expect(reported.stretches).toEqual(expected.stretches)
      }),
    )
  })

  test('what no archive lists stays unknown: so many blocks, so many slots missed at least', () => {
    const recorder = recordStory(BLOCK, () => NOW - 600_000)
    recorder.onBlock({ block: blockAt(600_000, 'seq-a', 7, 100n), tookMs: 5 })
    recorder.onBlock({ block: blockAt(0, 'seq-a', 7, 390n), tookMs: 5 })
    for (const hole of recorder.holes()) recorder.fill(hole, [])
    expect(recorder.holes()).toEqual([])
    const reported = recorder.storyOf(at(390))
    expect(reported.gaps).toEqual([])
    expect(reported.unseen).toEqual([{ from: NOW - 600_000, to: NOW, blocks: 289, missed: 10 }])
    const text = renderStory(reported).text
    expect(text).toContain('>Last hour: at least 10 slots missed, 1 move<')
    expect(text).toContain('289 blocks were committed from')
  })

  test('what is asked about outlives a restart, and a story of version 0.1 has no holes', () => {
    const recorder = recordStory(BLOCK, () => NOW - 600_000)
    recorder.onBlock({ block: blockAt(600_000, 'seq-a', 7, 100n), tookMs: 5 })
    recorder.onBlock({ block: blockAt(0, 'seq-a', 7, 390n), tookMs: 5 })
    const next = recordStory(BLOCK, () => NOW)
    expect(next.load(recorder.save())).toBe(true)
    expect(next.holes()).toEqual(recorder.holes())
    const saved = JSON.parse(recorder.save()) as { commits: { holes?: unknown } }
    delete saved.commits.holes
    const old = recordStory(BLOCK, () => NOW)
    expect(old.load(JSON.stringify(saved))).toBe(true)
    expect(old.holes()).toEqual([])
  })
})

describe('a bounded memory', () => {
  test('of two days, only the last one is kept', () => {
    const { since, stretches, gaps } = recordNight(48).storyOf(night)
    expect(since).toBe(NOW - DAY_MS)
    expect(stretches).toHaveLength(3)
    expect(gaps.map(({ missed }) => missed)).toEqual([11, 3])
  })

  test('more gaps than are kept: where each lies is lost, their number is not', () => {
    const recorder = recordStory(BLOCK, () => NOW - DAY_MS)
    const count = 12_000
    for (let i = 0; i <= count; i++) {
      recorder.onBlock({ block: blockAt((count - i) * 3 * BLOCK, 'seq-a', 7, BigInt(i)), tookMs: 5 })
    }
    const { gaps } = recorder.storyOf(happy)
    expect(gaps.length).toBeLessThan(4_000)
    expect(gaps.reduce((sum, { missed }) => sum + missed, 0)).toBe(2 * count)
  })

  test('without an open page too: what is saved has no more than a day', () => {
    let now = NOW - 2 * DAY_MS
    const recorder = recordStory(BLOCK, () => now)
    for (const ago of [47, 46, 45, 1]) {
      const block = blockAt(ago * 3_600_000, 'seq-a', 50 - ago, BigInt(100 - ago))
      recorder.onBlock({ block, tookMs: 5 })
    }
    now = NOW
    const saved = JSON.parse(recorder.save()) as { commits: { stretches: unknown[]; holes: unknown[] } }
    expect(saved.commits.stretches).toHaveLength(1)
    expect(saved.commits.holes).toHaveLength(1)
  })

  test('a clock that was set back does not shorten what was seen', () => {
    const recorder = recordStory(BLOCK, () => NOW - 60_000)
    for (const [i, ago] of [20_000, 18_000, 48_000].entries())
      recorder.onBlock({ block: blockAt(ago, 'seq-a', 7, BigInt(100 + i)), tookMs: 5 })
    expect(recorder.storyOf({ ...at(102, 48_000), history: [] })).toMatchObject({
      stretches: [{ from: NOW - 20_000, to: NOW - 18_000 }],
      gaps: [{ open: true }],
    })
  })

  test('plots have a value a minute', () => {
    const plot = nightStory().plots.find(({ id }) => id === 'commit')
    expect(plot?.lines.map(({ name, points }) => [name, points.length])).toEqual([
      ['p50', 1_440],
      ['p99', 1_440],
    ])
  })
})

describe('a restart', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'baton-story-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  test('the next process continues the story, and the time between counts as missed', async () => {
    const before = recordNight()
    await (await keepStory(before, folder, silentLog)).close()

    const after = recordStory(BLOCK, () => NOW + 20_000)
    await keepStory(after, folder, silentLog)
    const later = { ...night, view: { ...night.view, now: NOW + 19_100 } }
    const [head] = night.blocks
    after.onBlock({ block: { ...blockAt(-19_100, 'seq-b', 8, (head?.number ?? 0n) + 1n) }, tookMs: 5 })
    const reported = after.storyOf(later)
    const { plots, gaps, ...known } = before.storyOf(night)
    expect(reported.gaps.slice(0, gaps.length)).toEqual(gaps)
    expect(reported.gaps.at(-1)).toMatchObject({ from: NOW - 900, to: NOW + 19_100, missed: 9 })
    expect(reported.moves).toEqual(known.moves)
    expect(reported.stretches).toHaveLength(3)
    expect(reported.plots.map(({ id }) => id)).toEqual(plots.map(({ id }) => id))
  })

  test('records that begin are those of a new chain: the story of the old one under its id is not shown', async () => {
    await (await keepStory(recordNight(), folder, silentLog)).close()
    const after = recordStory(BLOCK, () => NOW + 20_000)
    await keepStory(after, folder, silentLog)
    for (const number of [1n, 2n]) {
      const block = blockAt(-20_000 - Number(number) * BLOCK, 'seq-a', 1, number)
      after.onBlock({ block, tookMs: 5 })
    }
    const [like] = happy.history
    if (!like) throw new Error('one record')
    const at = NOW + 20_000
    const seed = { ...like, id: new Date(at).toISOString(), at, what: 'seed', term: 0, head: 0n, reasons: [] }
    const head = happy.view.head && { ...happy.view.head, number: 2n, term: 1, committedTerm: 1 }
    const view = { ...happy.view, now: at + 2 * BLOCK, ...(head && { head }) }
    const reported = after.storyOf({ ...happy, history: [seed], view })
    expect(reported).toMatchObject({
      since: at,
      gaps: [],
      unseen: [],
      moves: [],
      stretches: [{ leader: 'seq-a', term: 1, from: at + BLOCK, to: at + 2 * BLOCK }],
    })
    const oldest = Math.min(
      ...reported.plots.flatMap(({ lines }) => lines.flatMap(({ points }) => points.map(([x]) => x))),
    )
    expect(oldest).toBeGreaterThan(at - 60_000)
  })

  test.each(['', '{"version":1}', '{"version":2}', 'x'.repeat(100)])('what was saved is damaged: %j', async (saved) => {
    await writeFile(join(folder, 'story.json'), saved)
    const warned: string[] = []
    const log: Log = { ...silentLog, warn: (text) => warned.push(text) }
    const recorder = recordStory(BLOCK, () => NOW)
    await keepStory(recorder, folder, log)
    expect(warned).toEqual(["the page's timeline begins now: what was saved is damaged"])
    // Who led is in the history; which slots were missed is not.
    const led = [{ leader: 'seq-a', term: 7, from: NOW - 47 * 60_000, to: NOW }]
    expect(recorder.storyOf(happy)).toMatchObject({ since: NOW, gaps: [], stretches: led })
  })

  test('a folder that cannot be written is reported once, and nothing fails', async () => {
    await writeFile(join(folder, 'file'), '')
    const warned: string[] = []
    const log: Log = { ...silentLog, warn: (text) => warned.push(text) }
    const kept = await keepStory(recordNight(1), join(folder, 'file', 'below'), log)
    await kept.close()
    await kept.close()
    expect(warned).toEqual(["the page's timeline was not saved"])
  })
})

test('the history of the last day is read page by page, and no further', async () => {
  const { history } = memoryStores()
  const chain = { id: 'op-901', name: 'x' }
  const [like] = nightHistory
  if (!like) throw new Error('a record')
  for (let i = 0; i < 700; i++) {
    const at = NOW - i * 240_000
    await history.append({ ...like, at, id: `${new Date(at).toISOString()}#x` })
  }
  const found = await recallHistory({ chain, history }, NOW)
  expect(found.length).toBeGreaterThanOrEqual(360)
  expect(found.length).toBeLessThanOrEqual(600)
  expect(found.map(({ at }) => at)).toEqual(Array.from(found, (_, i) => NOW - i * 240_000))
})
