import { describe, expect, test } from 'vitest'
import { decide } from '../../lib/protocol/decide.ts'
import type { Contradiction } from '../../lib/protocol/decision.ts'
import { deserters, moveHead } from '../../lib/protocol/follow-l1.ts'
import { followHead } from '../../lib/protocol/grant.ts'
import { reason } from '../../lib/protocol/reason.ts'
import { evaluate } from '../../lib/protocol/write.ts'
import { brief, decideScene, hashOf, head, l2, lease, type Scene, T, view } from './scene.ts'

/** A node whose chain has another block (or none) where the head is. */
const gone = (branch: number | null = 1) => ({
  at: l2(96n, branch ?? 0),
  asked: { number: 100n, hash: branch === null ? null : hashOf(100n, branch) },
})
/** The head has stood still for two slots. */
const stands: Scene = { after: 4_000 }
/** L1 has another block where the head's origin was, by our own endpoint. */
const limits = { window: 50n, maxDriftS: 1_800, slotMs: 2_000 }
const tip = { block: l2(100n), origin: { number: 10n, hash: hashOf(10n, 7), timestamp: 0n } }
const replaced = { l1: { limits, sample: { at: T, head: tip.origin, tip } } }
const contradiction: Contradiction = { of: { hash: head().hash, term: 3 }, block: l2(96n), why: reason('l1-reorged') }

describe('nodes that left the head', () => {
  test('two of three, while it stands still', () => {
    expect(deserters(view({ ...stands, b: gone(), c: gone(null) }))).toEqual(['b', 'c'])
  })
  test('op-node went back, its execution client did not yet', () => {
    const back = { at: l2(96n), asked: { number: 100n, hash: hashOf(100n) } }
    expect(deserters(view({ ...stands, b: back, c: back }))).toEqual(['b', 'c'])
  })
  test('at once, where L1 is known to have replaced the origin of the head', () => {
    const back = { at: l2(96n), asked: { number: 100n, hash: hashOf(100n) } }
    expect(deserters(view({ after: 1_000, a: back, b: back, view: replaced }))).toEqual(['a', 'b'])
  })
  test('at once, where the leader could not be started on it', () => {
    const failedStart = { term: 3, at: T, message: 'its block 96 is not an ancestor of the committed head' }
    const scene = { after: 1_000, a: { ...gone(), failedStart }, b: gone() }
    expect(deserters(view(scene))).toEqual(['a', 'b'])
    const earlier = { ...scene, a: { ...gone(), failedStart: { ...failedStart, term: 2 } } }
    expect(deserters(view(earlier))).toEqual([])
  })
  test('while it stands still, whatever terms are granted on it', () => {
    const seen = { headSeenAt: T + 4_800, blockSeenAt: T }
    expect(deserters(view({ after: 5_000, b: gone(), c: gone(), view: seen }))).toEqual(['b', 'c'])
  })
  test.each<[string, Scene]>([
    ['one of three', { ...stands, b: gone() }],
    ['while commits flow', { after: 1_000, b: gone(), c: gone() }],
    ['no node that does not answer', { ...stands, b: { ...gone(), cl: 'timeout' }, c: gone() }],
  ])('not: %s', (_, scene) => {
    expect(deserters(view(scene))).toEqual([])
  })
})

describe('a leader that went below a head whose origin L1 replaced', () => {
  const went: Scene = { after: 2_900, a: { at: l2(96n), sequencing: true } }
  const unverified: Scene = { ...went, head: { committedTerm: 2 } }
  test.each([
    ['it committed in this term', went],
    ['it was just granted', unverified],
  ])('is not given that head once more: %s', (_, scene) => {
    expect(brief(decideScene(scene)).acts).toBe('start a')
    expect(brief(decideScene({ ...scene, view: replaced }))).toMatchObject({ acts: '', shared: 'l1-reorg' })
  })
  test('nor while no other node may be granted', () => {
    const cooling: Scene = { after: 20_000, a: { at: l2(96n), sequencing: true }, lease: { cooldownUntil: T + 60_000 } }
    const scene = { ...cooling, head: { committedTerm: 2, fencedAt: T } }
    expect(brief(decideScene(scene)).acts).toBe('start a')
    expect(brief(decideScene({ ...scene, view: replaced })).acts).not.toContain('start')
  })
})

describe('with proof', () => {
  const proven = { ...stands, b: gone(), c: gone(), view: { contradiction } }
  test('the head follows L1, before anything else is done', () => {
    expect(brief(decideScene(proven))).toMatchObject({ condition: 'moving', acts: 'follow-l1' })
  })
  test('not while an operator wants to decide', () => {
    for (const mode of ['paused', 'hold'] as const) {
      const decision = decideScene({ ...proven, lease: { mode } })
      expect(brief(decision)).toMatchObject({ condition: 'halted', acts: '' })
      expect(decision.page[0]?.code).toBe('l1-reorged')
    }
  })
  test('of another head: nothing', () => {
    const stale = { ...contradiction, of: { hash: hashOf(99n), term: 3 } }
    expect(brief(decideScene({ ...proven, view: { contradiction: stale } })).acts).not.toContain('follow-l1')
  })
})

describe('the move', () => {
  const by = { kind: 'operator', name: 'ann' } as const
  const why = reason('head-placed', { number: '96' })
  const write = moveHead(head({ payloadRef: 'x' }), l2(96n), 7, by, why)
  test('remembers the highest head that was left, which nodes may show for a while', () => {
    const { number, hash, parentHash } = head()
    expect(write.set.revertedFrom).toEqual({ number, hash, parentHash })
    const higher = { number: 152n, hash: hashOf(152n), parentHash: hashOf(151n) }
    expect(moveHead(head({ revertedFrom: higher }), l2(96n), 7, by, why).set.revertedFrom).toEqual(higher)
    const lower = { number: 99n, hash: hashOf(99n, 1), parentHash: hashOf(98n) }
    expect(moveHead(head({ revertedFrom: lower }), l2(96n), 7, by, why).set.revertedFrom).toEqual({
      number,
      hash,
      parentHash,
    })
  })
  test('applies to exactly the head that was judged', () => {
    expect(evaluate(write.when, head())).toBe(true)
    for (const other of [{ term: 4 }, { number: 101n }, { hash: hashOf(100n, 1) }]) {
      expect(evaluate(write.when, head(other))).toBe(false)
    }
  })
  test('leaves a term that no node holds, and no payload of the old head', () => {
    expect(write.set).toMatchObject({ number: 96n, leader: '', term: 4, committedTerm: 0 })
    expect(write.remove).toEqual(['payload', 'payloadRef'])
  })
  test('the lease follows, and the former leader is granted again', () => {
    const moved = { ...head(), ...write.set }
    const followed = { ...lease(), ...followHead(lease(), moved, 9).set }
    const nodes = { a: { at: l2(96n) }, b: { at: l2(96n) }, c: { at: l2(96n) } }
    const next = decide(view({ ...nodes, head: moved, lease: { ...followed, previousLeader: 'a' } }))
    expect(brief(next)).toMatchObject({ acts: 'grant a' })
    const other = decide(view({ ...nodes, head: moved, lease: { ...followed, previousLeader: 'c' } }))
    expect(brief(other)).toMatchObject({ acts: 'grant c' })
  })
  test('what failed on the head that was left delays no node on the new one', () => {
    const moved = { ...head(), ...write.set }
    const spent = lease({ tried: ['a', 'b'], cooldownUntil: T + 60_000 })
    const followed = { ...spent, ...followHead(spent, moved, 9).set, previousLeader: 'a' }
    const nodes = { a: { at: l2(96n) }, b: { at: l2(96n) }, c: { at: l2(96n) } }
    expect(brief(decide(view({ ...nodes, head: moved, lease: followed })))).toMatchObject({ acts: 'grant a' })
  })
})

describe('a node that stands on what L1 took back is asked to look at L1 again', () => {
  const left = { number: 102n, hash: hashOf(102n), parentHash: hashOf(101n) }
  const l1 = { limits }
  const acts = (scene: Scene) => brief(decideScene(scene)).acts
  test.each<[string, Scene, string]>([
    [
      'it shows the head that was left',
      { head: { revertedFrom: left }, b: { at: l2(102n) }, view: { l1 } },
      'reset-derivation b',
    ],
    ['or its parent', { head: { revertedFrom: left }, b: { at: l2(101n) }, view: { l1 } }, 'reset-derivation b'],
    [
      'or stands below it on the branch that was left',
      { head: { revertedFrom: left }, b: { at: l2(101n, 1) }, view: { l1 } },
      'reset-derivation b',
    ],
    ['not without an L1 endpoint of our own', { head: { revertedFrom: left }, b: { at: l2(102n) } }, ''],
    [
      'not while paused',
      { head: { revertedFrom: left }, b: { at: l2(102n) }, view: { l1 }, lease: { mode: 'paused' } },
      '',
    ],
    [
      'not while a recovery or a person works on it',
      {
        head: { revertedFrom: left },
        b: { at: l2(102n) },
        view: { l1 },
        lease: { quarantine: { b: { since: T, why: 'disk', by: 'ann' } } },
      },
      '',
    ],
    [
      'but while it is upgraded',
      {
        head: { revertedFrom: left },
        b: { at: l2(102n) },
        view: { l1 },
        lease: { quarantine: { b: { since: T, why: 'upgrade to v2', by: 'ann', kind: 'upgrade' } } },
      },
      'reset-derivation b',
    ],
    ['not another block', { head: { revertedFrom: left }, b: { at: l2(102n, 1) }, view: { l1 } }, ''],
  ])('%s', (_, scene, expected) => expect(acts(scene)).toBe(expected))

  const on = { at: l2(100n) }
  test('the origin of the head was replaced, and no node leaves it', () => {
    const scene = { a: on, b: on, c: { at: l2(99n) }, view: replaced }
    expect(acts({ ...scene, after: 5_000 })).toBe('reset-derivation a, reset-derivation b')
    expect(acts({ ...scene, after: 3_900 }), 'they notice by themselves as a rule').not.toContain('reset-derivation')
  })
  test('however often a new term was granted on that head meanwhile', () => {
    const scene = { a: { at: l2(96n) }, b: on, c: on, after: 5_000, head: { term: 4, committedTerm: 3 } }
    const granted = { lease: { term: 4 }, view: { ...replaced, headSeenAt: T + 4_900, blockSeenAt: T } }
    expect(acts({ ...scene, ...granted })).toBe('reset-derivation b, reset-derivation c')
  })
})
