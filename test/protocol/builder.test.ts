import { describe, expect, test } from 'vitest'
import {
  type BoostHealth,
  type BoostSample,
  type BoostWindow,
  type Builder,
  builderReasons,
  followBoost,
} from '../../lib/protocol/builder.ts'
import { decide } from '../../lib/protocol/decide.ts'
import type { View } from '../../lib/protocol/decision.ts'
import { preview } from '../../lib/protocol/preview.ts'
import { type Scene, T, view } from './scene.ts'

/** The time of every view here (Unix ms): 500 ms after a commit. */
const NOW = T + 500
const boost = (health: BoostHealth, samples = 5): BoostWindow => ({
  ...{ health, samples, since: NOW - 10_000 },
  tolerated: { interval: 0, count: 0 },
})
const well: Builder = { boost: boost('healthy'), stream: { open: true, since: NOW - 60_000 }, streams: true }
const speaking: Builder = { ...well, stream: { open: true, since: NOW - 60_000, heardAt: T - 100 } }
const all = { a: speaking, b: well, c: well }

/** Three nodes with builders; `a` leads. */
const fleet = (builders: Readonly<Record<string, Builder>> = {}, scene: Scene = {}): View => ({
  ...view(scene),
  builders: { ...all, ...builders },
})
const codes = (seen: View, node = 'a') => builderReasons(seen, node).map(({ code }) => code)
const acts = (seen: View) =>
  decide(seen).commands.flatMap((command) => (command.act === 'grant' ? [`grant ${command.grant.to}`] : []))

describe('the tolerance, as op-conductor counts it', () => {
  const healths = (said: readonly [BoostHealth, number][], limit: number, intervalMs = 10_000) => {
    let known: BoostWindow | undefined
    return said.map(([health, at]) => {
      const sample: BoostSample = { health, at }
      known = followBoost(known, sample, { boostPartialLimit: limit, boostPartialIntervalMs: intervalMs })
      return known.health
    })
  }

  test('partial answers up to the limit count as healthy, and again in the next interval', () => {
    const said = [0, 1_000, 2_000, 3_000, 10_000, 11_000, 12_000].map((at): [BoostHealth, number] => ['partial', at])
    const [ok, bad] = ['healthy', 'partial']
    expect(healths(said, 2)).toEqual([ok, ok, bad, bad, ok, ok, bad])
    expect(healths(said, 0)).toEqual(said.map(() => bad))
  })

  test('nothing else is tolerated', () => {
    expect(
      healths(
        [
          ['unhealthy', 0],
          ['down', 1],
        ],
        9,
      ),
    ).toEqual(['unhealthy', 'down'])
  })

  test('a run begins with its first answer', () => {
    const policy = { boostPartialLimit: 0, boostPartialIntervalMs: 60_000 }
    const first = followBoost(undefined, { health: 'down', message: 'refused', at: 1 }, policy)
    const second = followBoost(first, { health: 'down', message: 'reset', at: 2 }, policy)
    expect(second).toMatchObject({ health: 'down', message: 'reset', since: 1, samples: 2 })
    expect(followBoost(second, { health: 'healthy', at: 3 }, policy)).toMatchObject({ since: 3, samples: 1 })
  })
})

describe('what is wrong beside a node', () => {
  test.each<[string, Builder, string[]]>([
    ['all is well', speaking, []],
    ['one partial answer is none yet', { ...speaking, boost: boost('partial', 1) }, []],
    ['no builder', { ...speaking, boost: boost('partial', 2) }, ['boost-partial']],
    ['nothing behind rollup-boost', { ...speaking, boost: boost('unhealthy') }, ['boost-unhealthy']],
    ['no answer', { ...speaking, boost: boost('down') }, ['boost-down']],
    ['a stream just closed', { ...speaking, stream: { open: false, since: NOW - 1_000 } }, []],
    ['a stream closed', { ...speaking, stream: { open: false, since: NOW - 7_000 } }, ['flashblocks-down']],
    [
      'a silent stream',
      { ...speaking, stream: { open: true, since: NOW - 60_000, heardAt: T - 7_000 } },
      ['flashblocks-silent'],
    ],
    ['one that never spoke', { ...speaking, stream: { open: true, since: NOW - 60_000 } }, ['flashblocks-silent']],
    ['just connected', { ...speaking, stream: { open: true, since: T - 1_000 } }, []],
    ['not listened to', { streams: true }, []],
  ])('%s', (_, builder, expected) => {
    expect(codes(fleet({ a: builder }))).toEqual(expected)
  })

  test('a leader that has yet to commit, or commits no blocks now, owes no flashblocks', () => {
    const quiet = { a: { ...speaking, stream: { open: true, since: NOW - 60_000, heardAt: T - 100 } } }
    expect(codes(fleet(quiet, { after: 30_000 }))).toEqual([])
    expect(codes(fleet({ a: well }, { head: { committedTerm: 2, fencedAt: T - 60_000 } }))).toEqual([])
    expect(codes(fleet({ a: well }, { head: { fencedAt: T - 1_000 } }))).toEqual([])
  })

  test('a standby streams nothing', () => {
    expect(codes(fleet(), 'b')).toEqual([])
  })
})

describe('a leader whose builder fails', () => {
  const failing = { a: { ...speaking, boost: boost('unhealthy') } }

  test('hands over to the best node where all works, without a page', () => {
    const decision = decide(fleet(failing))
    expect(acts(fleet(failing))).toEqual(['grant b'])
    expect(decision).toMatchObject({ condition: 'moving', page: [] })
    expect(decision.commands[0]).toMatchObject({ grant: { cause: { code: 'boost-unhealthy' }, automatic: true } })
    expect(acts(fleet({ ...failing, b: { ...well, boost: boost('partial') } }))).toEqual(['grant c'])
  })

  test('though a switchover is scheduled for tonight', () => {
    const tonight = { id: 's', to: 'c', notBefore: T + 36_000_000, by: 'ann', force: false, askedAt: T }
    expect(acts(fleet(failing, { lease: { switchover: tonight } }))).toEqual(['grant b'])
  })

  test.each<[string, Readonly<Record<string, Builder>>, Scene, string]>([
    ['fails everywhere', { b: failing.a, c: failing.a }, {}, 'no-builder'],
    ['is known of no standby', { b: { streams: false }, c: { streams: true } }, {}, 'no-builder'],
    [
      'was asked once on the standbys',
      { b: { boost: boost('healthy', 1), streams: false }, c: failing.a },
      {},
      'no-builder',
    ],
    ['while Baton is paused', {}, { lease: { mode: 'paused', modeBy: 'ann' } }, 'paused'],
    ['right after a move', {}, { lease: { grantedAt: T - 30_000, grants: [T - 30_000] } }, 'hold-time'],
    [
      'when half of the budget is used',
      {},
      { lease: { grants: [1, 2, 3, 4, 5, 6].map((i) => T - 200_000 * i), grantedAt: T - 200_000 } },
      'budget-kept',
    ],
    ['in the middle of a slot', {}, { after: 1_500 }, 'block-boundary'],
  ])('stays leader where it %s: degraded, no page', (_, builders, scene, code) => {
    const seen = fleet({ ...failing, ...builders }, scene)
    const { condition, commands, page, reasons } = decide(seen)
    expect(commands.filter(({ act }) => act !== 'renew')).toEqual([])
    expect({ condition, page }).toEqual({ condition: 'degraded', page: [] })
    expect(reasons.map((each) => each.code)).toContain(code)
  })

  test('stays where the only node with a builder differs from it otherwise', () => {
    const { observed, ...seen } = fleet({ ...failing, c: failing.a })
    const differing = { ...observed }
    for (const [name, throttled] of [
      ['a', true],
      ['b', false],
    ] as const) {
      const known = observed[name]
      if (!known) throw new Error(`${name} is missing`)
      const identity = { execution: { ok: true, value: { throttled } } } as const
      differing[name] = { ...known, observation: { ...known.observation, identity } }
    }
    expect(acts({ ...seen, observed })).toEqual(['grant b'])
    expect(acts({ ...seen, observed: differing })).toEqual([])
  })

  test('waits for the next commit, not for the next turn', () => {
    const { wakeAt = 0 } = decide(fleet(failing, { after: 1_500 }))
    expect(wakeAt).toBeLessThanOrEqual(T + 2_000)
  })

  test('other nodes stay candidates: a dead leader is replaced by one without a builder', () => {
    const none = { a: failing.a, b: failing.a, c: failing.a }
    const dead = { after: 2_400, a: { cl: 'refused', el: 'refused', samples: 3 } } as const
    expect(acts(fleet(none, dead))).toEqual(['grant b'])
    expect(acts(fleet({ ...none, c: well }, dead))).toEqual(['grant c'])
  })

  test('an operator who moves to such a node must say so', () => {
    const seen = fleet({ b: failing.a })
    expect(preview(seen, { to: 'b', by: 'ann' }).refused).toContain('rollup-boost')
    expect(preview(seen, { to: 'b', by: 'ann', force: true }).to).toBe('b')
  })
})

test('without configured builders nothing changes', () => {
  const bare = view()
  expect(decide(bare)).toEqual(decide({ ...bare, builders: {} }))
})
