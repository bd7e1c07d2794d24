import { describe, expect, test } from 'vitest'
import { damagesOf } from '../../lib/protocol/damage.ts'
import { decide } from '../../lib/protocol/decide.ts'
import type { ObservedNode } from '../../lib/protocol/decision.ts'
import { remember } from '../../lib/protocol/observed-node.ts'
import { keepSeries, seriesKey } from '../../lib/protocol/series.ts'
import { brief, hashOf, known, l2, type Scene, T, view } from './scene.ts'

/** A look at which the execution client has a block below that of op-node. */
function look(name: string, short: bigint, at: number, more: { sequencing?: boolean; syncing?: boolean } = {}) {
  const { sequencing = false, syncing } = more
  const { observation } = known(name, { at: l2(100n), sequencing }, at)
  if (!observation.execution.ok) throw new Error('it answers')
  const number = 100n - short
  const value = { ...observation.execution.value, latest: { number, hash: hashOf(number) } }
  return {
    ...observation,
    execution: { ok: true as const, value: { ...value, ...(syncing !== undefined && { syncing }) } },
  }
}

/** The known of a node that was seen short so many times, a second apart, until `until`. */
function shortTrail(name: string, short: bigint, looks: number, until: number, more = {}): ObservedNode {
  let seen: ObservedNode | undefined
  for (let i = looks - 1; i >= 0; i--) seen = remember(seen, look(name, short, until - i * 1_000, more))
  if (!seen) throw new Error('no look')
  return seen
}

/** A scene in which these nodes are short. */
function scene(nodes: Readonly<Record<string, ObservedNode>>, more: Scene = {}) {
  const seen = view(more)
  return { ...seen, observed: { ...seen.observed, ...nodes } }
}
const NOW = T + 500
const mended = (given: ReturnType<typeof scene>) =>
  decide(given).commands.flatMap((c) => (c.act === 'reset-derivation' ? [c.node] : []))
const verdictOf = (given: ReturnType<typeof scene>, name: string) =>
  decide(given).verdicts.find(({ node }) => node === name)

describe('a node whose execution client is short of what op-node believes', () => {
  // op-reth checks its database at a start, and says that it syncs until its next block.
  test('one that lost what it had is short, though it says that it syncs; one that never had more syncs', () => {
    const had = remember(undefined, look('b', 0n, NOW - 3_000))
    const after = (past: ObservedNode | undefined, short: bigint) => {
      let seen = past
      for (const at of [NOW - 2_500, NOW - 1_500, NOW - 500, NOW])
        seen = remember(seen, look('b', short, at, { syncing: true }))
      return seen as ObservedNode
    }
    const policy = { blockTimeMs: 1_000 }
    const lost = scene({ b: after(had, 26n) }, { policy })
    expect(verdictOf(lost, 'b')).toMatchObject({ eligible: false, role: 'unfit' })
    expect(mended(lost)).toEqual(['b'])
    expect(mended(scene({ b: after(undefined, 26n) }, { policy })), 'it never had them').toEqual([])
    expect(mended(scene({ b: after(had, 100n) }, { policy })), 'it began anew').toEqual([])
  })

  test.each([1n, 26n, 49n])('%d blocks: not eligible from the first look on, whatever the lag allowed', (short) => {
    const verdict = verdictOf(scene({ b: shortTrail('b', short, 1, NOW) }), 'b')
    expect(verdict).toMatchObject({ eligible: false, role: 'unfit' })
    expect(verdict?.reasons.map(({ code }) => code)).toContain('execution-short')
    expect(verdict?.damage, 'one look is no damage yet').toBeUndefined()
  })

  test.each([
    [200, 1_000],
    [1_000, 2_000],
    [2_000, 3_000],
    [12_000, 3_000],
  ])('with blocks each %d ms it is damage after %d ms', (blockTimeMs, settledMs) => {
    for (const [ms, found] of [
      [settledMs - 1, []],
      [settledMs, ['execution-short']],
    ] as const) {
      const first = remember(undefined, look('b', 26n, NOW - ms))
      const b = remember(first, look('b', 26n, NOW))
      const given = scene({ b }, { policy: { blockTimeMs } })
      expect(damagesOf(given, 'b').map(({ code }) => code)).toEqual(found)
      expect(mended(given)).toEqual(found.length > 0 ? ['b'] : [])
    }
  })

  // Seed 1100011114: a monitor's clock was 388 s ahead when the node came back short, and was set right again.
  test.each([388_000, 3_600_000])('a clock that was %d ms ahead and is set right does not make it wait', (ahead) => {
    let b: ObservedNode | undefined
    for (const at of [NOW - 2_500 + ahead, NOW - 2_000 + ahead]) b = remember(b, look('b', 5n, at))
    for (const at of [NOW - 1_500, NOW - 1_000, NOW - 500, NOW]) b = remember(b, look('b', 5n, at))
    const given = scene({ b: b as ObservedNode }, { policy: { blockTimeMs: 1_000 } })
    expect(damagesOf(given, 'b').map(({ code }) => code)).toEqual(['execution-short'])
    expect(mended(given)).toEqual(['b'])
  })

  test('one that moves on gets there by itself; one that says that it syncs has reasons of its own', () => {
    let moving: ObservedNode | undefined
    for (let i = 0; i < 20; i++) moving = remember(moving, look('b', BigInt(30 - i), NOW - 19_000 + i * 1_000))
    if (!moving) throw new Error('no look')
    expect(mended(scene({ b: moving }))).toEqual([])
    expect(damagesOf(scene({ b: moving }), 'b')).toEqual([])
    const syncing = shortTrail('b', 26n, 10, NOW, { syncing: true })
    expect(mended(scene({ b: syncing }))).toEqual([])
  })

  test('a look without an answer in between is no sign that it is well', () => {
    const before = shortTrail('b', 26n, 3, NOW - 1_000)
    const silent = { ...look('b', 26n, NOW - 500), execution: { ok: false, failure: 'timeout', message: 'x' } as const }
    expect(mended(scene({ b: remember(remember(before, silent), look('b', 26n, NOW)) }))).toEqual(['b'])
  })
})

describe('who is freed', () => {
  const b = shortTrail('b', 26n, 5, NOW)
  const entry = { by: 'ann', why: 'disk', since: T }

  test.each<[string, Scene, string[]]>([
    ['a standby, while the leader commits', {}, ['b']],
    ['also while the lead is pinned', { lease: { mode: 'hold', modeBy: 'ann' } }, ['b']],
    ['none while paused', { lease: { mode: 'paused', modeBy: 'ann' } }, []],
    ['none that is put aside', { lease: { quarantine: { b: entry } } }, []],
    ['none whose recovery is at work', { lease: { quarantine: { b: { ...entry, kind: 'recovery' } } } }, []],
    ['none that names a block above the head: it may be the only trace of it', { head: l2(99n) }, []],
    [
      'none while another publishes without commits',
      { lease: { quarantine: { c: { ...entry, kind: 'override' } } } },
      [],
    ],
    ['a standby of a chain without a leader', { head: { leader: '' }, lease: { leader: '' } }, ['b']],
  ])('%s', (_, more, nodes) => {
    expect(mended(scene({ b }, more))).toEqual(nodes)
  })

  test('a fenced leader is asked to stop first, and twice; then it is freed all the same', () => {
    const fenced = shortTrail('b', 26n, 5, NOW, { sequencing: true })
    const asked = (count: number) => {
      const stop = { act: 'stop', node: 'b', count, first: T - 9_000, last: NOW - 1_000, term: 3, head: 100n } as const
      return mended(scene({ b: fenced }, { view: { acts: { [seriesKey('stop', 'b')]: stop } } }))
    }
    expect(brief(decide(scene({ b: fenced }))).acts).toBe('stop b')
    expect(asked(1)).toEqual([])
    expect(asked(2)).toEqual(['b'])
  })

  test('never a leader that commits, and none that another node can replace', () => {
    const a = (until: number) => shortTrail('a', 26n, 5, until, { sequencing: true })
    expect(mended(scene({ a: a(NOW) })), 'on time').toEqual([])
    const late = scene({ a: a(T + 2_400) }, { after: 2_400 })
    expect(brief(decide(late)).acts, 'late: no commit can come of it').toBe('grant b')
    expect(mended(late)).toEqual([])
  })

  test('a leader that no node can replace is freed once it commits nothing', () => {
    const a = shortTrail('a', 26n, 5, T + 2_400, { sequencing: true })
    const dead = { cl: 'refused', el: 'refused', samples: 2 } as const
    const alone = scene({ a }, { after: 2_400, b: dead, c: dead })
    expect(brief(decide(alone))).toMatchObject({ condition: 'halted', acts: 'reset-derivation a' })
    const pinned = scene({ a }, { after: 2_400, lease: { mode: 'hold', modeBy: 'ann' } })
    expect(mended(pinned)).toEqual(['a'])
  })

  test('a fenced sequencer that is all that is left is stopped first, and then freed', () => {
    const dead = { cl: 'refused', el: 'refused', samples: 2 } as const
    const left = (sequencing: boolean) =>
      scene({ b: shortTrail('b', 26n, 5, T + 2_400, { sequencing }) }, { after: 2_400, a: dead, c: dead })
    expect(brief(decide(left(true)))).toMatchObject({ condition: 'halted', acts: 'stop b' })
    expect(brief(decide(left(false)))).toMatchObject({ condition: 'halted', acts: 'reset-derivation b' })
    // Its clients agree again, a block below the head: it is given that block once it is stopped.
    const refills = (sequencing: boolean) => {
      const short = shortTrail('b', 1n, 3, T + 1_400, { sequencing })
      const { observation } = known('b', { at: l2(99n), sequencing }, T + 2_400)
      return scene({ b: remember(short, observation) }, { after: 2_400, a: dead, c: dead })
    }
    expect(brief(decide(refills(true)))).toMatchObject({ condition: 'halted', acts: 'stop b' })
    expect(brief(decide(refills(false)))).toMatchObject({ condition: 'halted', acts: 'top-up b' })
  })

  test('a stopped leader that is short is not started: the next one is', () => {
    const a = shortTrail('a', 26n, 3, NOW)
    expect(brief(decide(scene({ a }))).acts).toBe('grant b')
  })
})

test('the reset has had its effect only when the clients agree again; without it a person is paged', () => {
  const tried = (count: number, agoMs: number, node: ObservedNode) => {
    const last = NOW - agoMs
    const one = { act: 'reset-derivation', node: 'b', count, first: last, last, term: 3, head: 100n } as const
    const acts = { [seriesKey('reset-derivation', 'b')]: { ...one, stood: hashOf(97n) } }
    return scene({ b: node }, { view: { acts } })
  }
  const short = shortTrail('b', 26n, 5, NOW)
  expect(keepSeries(tried(1, 1_000, short)), 'its head changed, and it is short still').toHaveLength(1)
  expect(keepSeries(tried(1, 1_000, remember(undefined, look('b', 0n, NOW))))).toHaveLength(0)
  expect(mended(tried(1, 1_000, short))).toEqual([])
  expect(mended(tried(1, 31_000, short))).toEqual(['b'])
  expect(mended(tried(3, 3_600_000, short))).toEqual([])
  expect(decide(tried(3, 61_000, short)).page.map(({ code, node }) => `${code} ${node}`)).toEqual(['no-effect b'])
})
