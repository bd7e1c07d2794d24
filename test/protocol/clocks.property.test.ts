import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addOffset,
  type ClockWatch,
  certainSkew,
  judgeClocks,
  offsetOfCommit,
  offsetOfDate,
} from '../../lib/protocol/clocks.ts'
import { view } from './scene.ts'

const T = 1_700_000_000_000
/** How looks go, in ms: the pause before, the way there and back, and how old what they show is. */
type Look = { readonly pause: number; readonly there: number; readonly back: number; readonly stale: number }
const looks = (pauseMs: number) =>
  fc.array(
    fc.record({
      pause: fc.integer({ min: pauseMs, max: 2_500 }),
      there: fc.nat(400),
      back: fc.nat(400),
      stale: fc.nat(999),
    }),
    { minLength: 80, maxLength: 160 },
  )
/** Enough of them for two stretches. */
const steady = looks(900)

/** A server whose dates have whole seconds and may be a second old. */
function watchDates(skew: number, each: readonly Look[]): ClockWatch | undefined {
  let watch: ClockWatch | undefined
  let now = T
  for (const { pause, there, back, stale } of each) {
    const sentAt = now + pause
    const date = Math.floor((sentAt + there + skew - stale) / 1000) * 1000
    now = sentAt + there + back
    const look = offsetOfDate(date, sentAt, now)
    if (look) watch = addOffset(watch, look, now)
  }
  return watch
}

/** A gate that notes the time, then writes; a monitor that reads before and after. */
function watchCommits(skew: number, each: readonly Look[]): ClockWatch | undefined {
  let watch: ClockWatch | undefined
  let now = T
  for (const { pause, there, back, stale } of each) {
    const before = now
    // Applied at the earliest right after the read that did not show it.
    const appliedAt = before + pause
    now = appliedAt + back
    const look = offsetOfCommit(appliedAt - Math.min(stale, there) + skew, before, now)
    if (look) watch = addOffset(watch, look, now)
  }
  return watch
}

describe.each([
  ['dates', watchDates],
  ['commits', watchCommits],
] as const)('%s', (_, watch) => {
  test('never more is certain than is true, whatever the ways and pauses', () => {
    fc.assert(
      fc.property(fc.integer({ min: -20_000, max: 20_000 }), looks(0), (skew, each) => {
        const certain = certainSkew(watch(skew, each))
        if (certain !== 0) expect(Math.sign(certain)).toBe(Math.sign(skew))
        expect(Math.abs(certain)).toBeLessThanOrEqual(Math.abs(skew))
      }),
    )
  })

  test('a clock that is off by far more than looks can be is reported', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5_000, max: 60_000 }), fc.boolean(), steady, (size, ahead, each) => {
        expect(Math.abs(certainSkew(watch(ahead ? size : -size, each)))).toBeGreaterThan(1_000)
      }),
    )
  })

  test('a clock that was set right is no longer reported, and at once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 8_000, max: 60_000 }), steady, (skew, each) => {
        const wrong = watch(skew, each)
        const right = watch(0, each.slice(0, 2))?.offset
        expect(certainSkew(wrong)).toBeGreaterThan(0)
        expect(right && certainSkew(addOffset(wrong, right, T + 1e9))).toBe(0)
      }),
    )
  })
})

describe('what is reported', () => {
  const off = (low: number, high: number): ClockWatch => {
    const offset = { low, high }
    return { since: T, samples: 9, offset, past: [offset, offset] }
  }
  const reported = (clocks: { store?: ClockWatch; gate?: ClockWatch }) =>
    judgeClocks({ ...view({}), clocks }).map(({ code, evidence, node }) => [
      code,
      evidence.direction,
      evidence.skewMs,
      node,
    ])

  test.each<[string, Parameters<typeof reported>[0], unknown[]]>([
    ['nothing of clocks that were not observed', {}, []],
    ['nothing below a second', { store: off(900, 3_000), gate: off(-3_000, -900) }, []],
    ['ours behind the store', { store: off(1_200, 3_000) }, [['own-clock', 'behind', 1_200, undefined]]],
    ['ours ahead of the store', { store: off(-9_000, -2_500) }, [['own-clock', 'ahead of', 2_500, undefined]]],
    ['the gate ahead of ours', { gate: off(1_700, 2_500) }, [['gate-clock', 'ahead of', 1_700, 'a']]],
    ['the gate behind ours', { gate: off(-9_000, -4_000) }, [['gate-clock', 'behind', 4_000, 'a']]],
    [
      'ours alone where it is ours',
      { store: off(5_000, 7_000), gate: off(5_000, 6_500) },
      [['own-clock', 'behind', 5_000, undefined]],
    ],
  ])('%s', (_, clocks, expected) => {
    expect(reported(clocks)).toEqual(expected)
  })

  test('not after one stretch alone, nor when two contradict each other', () => {
    const one = { ...off(5_000, 6_000), past: [{ low: 5_000, high: 6_000 }] }
    expect(certainSkew(one)).toBe(0)
    expect(
      certainSkew({
        ...one,
        past: [
          { low: 5_000, high: 6_000 },
          { low: -6_000, high: -5_000 },
        ],
      }),
    ).toBe(0)
  })
})
