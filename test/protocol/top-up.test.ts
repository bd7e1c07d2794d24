import { describe, expect, test } from 'vitest'
import { decide } from '../../lib/protocol/decide.ts'
import type { View } from '../../lib/protocol/decision.ts'
import { addAttempt } from '../../lib/protocol/series.ts'
import { brief, T } from './scene.ts'
import { type Story, seenAfter, stands, takes } from './story.ts'

const story: Story = { slots: 9, peers: 3, standbys: [{ ...stands, peers: 0 }, takes] }
const acts = (view: View) => brief(decide(view)).acts
const codesOf = (view: View, name: string) =>
  decide(view).verdicts.flatMap(({ node, reasons }) => (node === name ? reasons.map(({ code }) => code) : []))
const withFed = (view: View, node: string, fed: { upTo: bigint; rounds: number; since?: number }): View => {
  const known = view.observed[node]
  return { ...view, observed: { ...view.observed, ...(known && { [node]: { ...known, fed: { since: T, ...fed } } }) } }
}

describe('a standby that stands still is given the committed blocks', () => {
  test('and is reported as catching up', () => {
    const view = seenAfter(story)
    expect(acts(view)).toBe('top-up b')
    const reported = decide(view).verdicts.find(({ node }) => node === 'b')?.reasons
    expect(reported).toContainEqual({ code: 'catching-up', node: 'b', evidence: { number: '100', left: '9' } })
  })

  test.each<[string, Partial<Story>, string]>([
    ['it has had no time to catch up by itself', { slots: 4 }, ''],
    ['250 ms blocks', { slots: 24, blockTimeMs: 250 }, 'top-up b'],
    [
      'its leader is isolated and may not be replaced',
      { peers: 0, standbys: [stands], policy: { maxLag: 3n } },
      'top-up b',
    ],
    ['both', { standbys: [stands, stands] }, 'top-up b, top-up c'],
    ['it moves', { standbys: [{ at: (k) => 50 + 2 * k }, takes] }, ''],
    ['it syncs', { standbys: [{ ...stands, syncing: true }, takes] }, ''],
    ['it lost its state', { standbys: [{ ...stands, stored: true }, takes] }, ''],
    ['it is down', { standbys: [{ ...stands, down: true }, takes] }, ''],
    ['in a pause', { lease: { mode: 'paused' } }, ''],
    ['pinned', { lease: { mode: 'hold' } }, 'top-up b'],
    ['put aside by a person', { lease: { quarantine: { b: { since: T, why: 'x', by: 'y' } } } }, ''],
    ['in repair', { lease: { quarantine: { b: { since: T, why: 'x', by: 'y', kind: 'recovery' } } } }, ''],
    ['in an upgrade', { lease: { quarantine: { b: { since: T, why: 'x', by: 'y', kind: 'upgrade' } } } }, 'top-up b'],
    ['it has only its genesis', { slots: 90, standbys: [{ at: () => 0 }, takes] }, ''],
    ['it is too far behind', { standbys: [{ at: () => -50_000 }, takes] }, ''],
  ])('%s', (_, more, expected) => {
    expect(acts(seenAfter({ ...story, ...more }))).toBe(expected)
  })

  test('not one whose execution client is short of what its op-node believes, nor one that sequences', () => {
    const view = seenAfter(story)
    const { b } = view.observed
    if (!b?.observation.consensus.ok || !b.observation.execution.ok) throw new Error('b answers')
    const short = { ...b.observation.execution.value, latest: { number: 90n, hash: '0x1' as const } }
    const execution = { ok: true, value: short } as const
    expect(
      acts({ ...view, observed: { ...view.observed, b: { ...b, observation: { ...b.observation, execution } } } }),
    ).toBe('')
    const consensus = { ok: true, value: { ...b.observation.consensus.value, sequencing: true } } as const
    const sequencing = { ...b, observation: { ...b.observation, consensus } }
    expect(acts({ ...view, observed: { ...view.observed, b: sequencing } })).not.toContain('top-up')
  })

  test('one whose blocks went away, at once', () => {
    const view = seenAfter({ ...story, slots: 4 })
    const { b } = view.observed
    if (!b?.history) throw new Error('b was seen')
    const fallen = { ...b, history: { ...b.history, peak: 103n } }
    expect(acts({ ...view, observed: { ...view.observed, b: fallen } })).toBe('top-up b')
  })

  test('on and on until it takes a newer one by itself', () => {
    const young = seenAfter({ ...story, slots: 4 })
    expect(acts(withFed(young, 'b', { upTo: 100n, rounds: 1 }))).toBe('top-up b')
    expect(acts(withFed(young, 'b', { upTo: 99n, rounds: 1 }))).toBe('')
  })

  test('while the chain is halted, too: it may be the only one that can go on', () => {
    const view = seenAfter({ ...story, standbys: [stands], policy: { maxLag: 3n } })
    const { a } = view.observed
    if (!a) throw new Error('a was seen')
    const gone = { ok: false, failure: 'refused', message: 'x' } as const
    const dead = { ...a, observation: { ...a.observation, consensus: gone, execution: gone } }
    const streak = { result: 'refused', since: T, samples: 5 } as const
    const late = {
      ...view,
      now: view.now + 3_000,
      observed: { ...view.observed, a: { ...dead, consensus: streak, execution: streak } },
    }
    expect(brief(decide(late))).toMatchObject({ condition: 'halted', acts: 'top-up b' })
  })

  test('four times without effect: then a person is paged, and no more is posted', () => {
    let view = seenAfter(story)
    for (let tries = 0; tries < 4; tries++) {
      if (!view.head) throw new Error('there is a head')
      const asked = { ...view, now: view.now - 12_000 + 3_000 * tries }
      view = { ...view, acts: { 'top-up b': addAttempt(asked, 'top-up', 'b', view.head) } }
    }
    const { commands, page } = decide(view)
    expect(commands.filter(({ act }) => act === 'top-up')).toEqual([])
    expect(page).toContainEqual(expect.objectContaining({ code: 'takes-nothing', node: 'b' }))
  })
})

describe('what Baton gave a standby is no proof that the leader reaches it', () => {
  const both: Story = { slots: 9, peers: 3, standbys: [stands, stands] }
  const given = (view: View, upTo: bigint, rounds: number) =>
    withFed(withFed(view, 'b', { upTo, rounds }), 'c', { upTo, rounds })
  const atHead: Story = { ...both, standbys: [takes, takes] }

  test('kept at the head by posting alone: the leader is isolated still', () => {
    expect(decide(given(seenAfter(atHead), 109n, 2)).reasons[0]).toMatchObject({ code: 'isolated', node: 'a' })
    expect(decide(given(seenAfter({ ...atHead, peers: 0 }), 109n, 2)).commands[0]).toMatchObject({ act: 'grant' })
  })

  test('just brought there: it is waited for what it takes by itself', () => {
    expect(decide(given(seenAfter(atHead), 109n, 1)).condition).toBe('ok')
    expect(codesOf(given(seenAfter(atHead), 109n, 1), 'b')).not.toContain('catching-up')
  })

  test('one took a block by itself since', () => {
    expect(decide(withFed(given(seenAfter(atHead), 109n, 2), 'c', { upTo: 108n, rounds: 2 })).condition).toBe('ok')
  })
})
