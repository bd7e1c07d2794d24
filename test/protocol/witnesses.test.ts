import { describe, expect, test } from 'vitest'
import { decide } from '../../lib/protocol/decide.ts'
import type { View } from '../../lib/protocol/decision.ts'
import { judgeL1 } from '../../lib/protocol/judge-l1.ts'
import type { ConsensusView } from '../../lib/protocol/observation.ts'
import { witnessed } from '../../lib/protocol/witnesses.ts'
import { brief, hashOf, l2, type Scene, T, view } from './scene.ts'

const HUGE = [2n ** 52n, 2n ** 64n - 1n, BigInt(T)]

/** The scene, but this node's consensus client names something else. */
function lied(scene: Scene, node: string, lie: (at: ConsensusView) => Partial<ConsensusView>): View {
  const seen = view(scene)
  const known = seen.observed[node]
  const consensus = known?.observation.consensus
  if (!known || !consensus?.ok) throw new Error(`${node} does not answer`)
  const value = { ...consensus.value, ...lie(consensus.value) }
  const observation = { ...known.observation, consensus: { ok: true, value } as const }
  return { ...seen, observed: { ...seen.observed, [node]: { ...known, observation } } }
}

const l1Block = (number: bigint, timestamp: bigint) => ({ number, timestamp, hash: hashOf(7n) })
const gone: Scene = { after: 2_400, a: { cl: 'refused', el: 'refused' } }
const granted = (at: View) => brief(decide(at)).acts
const reasonsOf = (at: View, node: string) =>
  decide(at)
    .verdicts.find((verdict) => verdict.node === node)
    ?.reasons.map(({ code }) => code)

describe('L1 as one node names it', () => {
  test.each(HUGE)('%s takes no node out, and does not win the lead', (huge) => {
    const at = lied(gone, 'c', () => ({ headL1: l1Block(huge, huge), currentL1: l1Block(huge, huge) }))
    expect(granted(at)).toBe('grant b')
    expect(reasonsOf(at, 'c')).toContain('l1-future')
    expect(reasonsOf(at, 'b')).not.toContain('l1-future')
  })

  test.each(HUGE)('%s does not hide that L1 stands still', (huge) => {
    const old = { l1: { ageMs: 200_000 } }
    const at = lied({ after: 200_000, a: old, b: old, c: old }, 'c', () => ({ headL1: l1Block(huge, huge) }))
    expect(brief(decide(at))).toMatchObject({ shared: 'l1-frozen', page: 'l1-frozen' })
  })

  test('an hour ahead, in a chain of two and of three', () => {
    const hour = BigInt(Math.floor(T / 1000)) + 3_600n
    for (const c of [undefined, null] as const) {
      const at = lied({ ...(c === null && { c }) }, 'b', () => ({ headL1: l1Block(90n, hour) }))
      expect(reasonsOf(at, 'b')).toContain('l1-future')
      expect(reasonsOf(at, 'a')).toEqual([])
    }
  })

  test('the clock of Baton alone does not make all nodes unfit', () => {
    const ahead = { l1: { ageMs: -900_000 } }
    const at = view({ ...gone, b: ahead, c: ahead })
    expect(granted(at)).toBe('grant b')
  })

  test('one that is far behind the others is reported as that', () => {
    const at = view({ ...gone, b: { l1: { number: 10n, ageMs: 400_000 } } })
    expect(granted(at)).toBe('grant c')
    expect(reasonsOf(at, 'b')).toEqual(['l1-older'])
  })

  test('one fresh node does not call two old ones old', () => {
    const old = { l1: { ageMs: 300_000 } }
    expect(reasonsOf(view({ a: old, b: old }), 'b')).not.toContain('l1-older')
  })
})

describe('blocks as one node names them', () => {
  const limits = { window: 3_600n, maxDriftS: 1_800, slotMs: 12_000 }
  const origin = { number: 10n, hash: hashOf(10n, 9) }
  const l1 = (l1Head: bigint) => ({
    limits,
    sample: { at: T, head: { number: l1Head, hash: hashOf(l1Head), timestamp: BigInt(T / 1000) } },
  })
  const at = (number: bigint) => ({ ...l2(number), l1Origin: origin })

  test.each(HUGE)('safe %s does not hide that the window closes', (huge) => {
    for (const c of [undefined, null] as const) {
      const scene: Scene = { ...(c === null && { c }), view: { l1: l1(2_500n) } }
      const seen = lied(scene, 'b', () => ({ safe: at(huge), finalized: at(huge) }))
      expect(judgeL1(seen)).toMatchObject({ safeLag: 10n })
      expect(judgeL1(seen)?.reasons.map(({ code }) => code)).toContain('window-closing')
    }
  })

  test.each(HUGE)('an L1 head of %s closes no window', (huge) => {
    for (const c of [undefined, null] as const) {
      const scene: Scene = { ...(c === null && { c }), view: { l1: l1(51n) } }
      const seen = lied(scene, 'b', ({ headL1 }) => ({ headL1: { ...headL1, number: huge } }))
      expect(judgeL1(seen)?.reasons).toEqual([])
      expect(decide(seen).page).toEqual([])
    }
  })

  test.each(HUGE)('a newest block of %s holds no node up; it is reported', (huge) => {
    const seen = lied(gone, 'c', () => ({ unsafe: at(huge) }))
    expect(brief(decide(seen))).toMatchObject({ acts: 'grant b', page: 'unproved' })
    const calm = lied({}, 'c', () => ({ unsafe: at(huge) }))
    expect(brief(decide(calm))).toMatchObject({ condition: 'ok', page: 'unproved' })
  })

  test('the leader that names one alone is replaced as any other', () => {
    const seen = lied({ after: 9_000 }, 'a', () => ({ unsafe: at(2n ** 52n) }))
    expect(granted(seen)).toBe('grant b')
  })

  test.each([
    ['shown', 'commits-missing'],
    ['not-shown', undefined],
    ['unknown', 'commits-missing'],
  ] as const)('both its clients name it, and asked for it: %s', (how, shared) => {
    const seen = view({ ...gone, b: { at: l2(101n) } })
    const decision = decide({ ...seen, shown: { node: 'b', hash: l2(101n).hash, how } })
    expect(decision.sharedCause?.code).toBe(shared)
    expect(decision.page[0]?.code).toBe(shared ?? 'unproved')
  })

  test('what was shown of another block does not count', () => {
    const seen = view({ ...gone, b: { at: l2(101n) } })
    const decision = decide({ ...seen, shown: { node: 'b', hash: l2(102n).hash, how: 'not-shown' } })
    expect(decision.sharedCause?.code).toBe('commits-missing')
  })

  test('two nodes that name one need not show it', () => {
    const seen = lied({ ...gone, b: { at: l2(101n) } }, 'c', () => ({ unsafe: at(2n ** 52n) }))
    expect(decide(seen).sharedCause?.code).toBe('commits-missing')
  })

  test('a number below its own final one is a lag like any other', () => {
    const seen = lied(gone, 'b', () => ({ unsafe: at(3n) }))
    expect(granted(seen)).toBe('grant b')
    expect(granted({ ...seen, policy: { ...seen.policy, maxLag: 50n } })).toBe('grant c')
  })
})

test('witnessed is what not one alone names, if there are three', () => {
  const of = (...numbers: bigint[]) => witnessed(numbers.map((number) => ({ number })))?.number
  expect([of(), of(5n), of(5n, 7n), of(5n, 7n, 2n ** 64n), of(1n, 2n, 3n, 4n, 5n)]).toEqual([undefined, 5n, 7n, 7n, 4n])
})
