import { describe, expect, test } from 'vitest'
import { reason } from '../../lib/protocol/reason.ts'
import { formatAgo, formatReason, formatRepeats, formatSpan, formatUtc, soften, toJson } from '../../lib/text/format.ts'
import { findGaps, missedSlots, timeBlocks } from '../../lib/text/slots.ts'
import { happy, NOW, recovered, sharedCause } from './snapshots.ts'

describe('time', () => {
  test.each([
    [0, '0.0 s'],
    [9_949, '9.9 s'],
    [9_960, '10 s'],
    [59_400, '59 s'],
    [59_600, '1 min'],
    [125_000, '2 min 5 s'],
    [3_540_000, '59 min'],
    [3_600_000, '1 h'],
    [7_260_000, '2 h 1 min'],
    [86_400_000, '1 d'],
    [90_000_000, '1 d 1 h'],
  ])('behavior: %i ms are %s', (ms, text) => {
    expect(formatSpan(ms)).toBe(text)
  })

  test('behavior: past and future', () => {
    expect([formatAgo(NOW - 12_000, NOW), formatAgo(NOW + 12_000, NOW), formatAgo(NOW, NOW)]).toEqual([
      '12 s ago',
      'in 12 s',
      'now',
    ])
    expect(formatUtc(NOW)).toBe('2026-11-21 03:12:07.250 UTC')
  })
})

test.each([
  [{}, ''],
  [{ count: 1, lastAt: NOW }, ''],
  [{ count: 7, lastAt: NOW }, ' ×7, last 03:12:07'],
  [{ count: 2 }, ' ×2'],
])('repeats: %j', (record, text) => {
  expect(formatRepeats(record)).toBe(text)
})

describe('slots', () => {
  test.each([
    [2_000, 0],
    [2_300, 0],
    [6_400, 2],
    [12_000, 5],
    [20_200, 9],
    [40, 0],
  ])('behavior: %i ms between two blocks of 2 s', (ms, missed) => {
    expect(missedSlots(ms, 2_000)).toBe(missed)
  })

  test('behavior: gaps are found oldest first, an open one last', () => {
    expect(findGaps(happy)).toEqual([])
    expect(findGaps(recovered)).toMatchObject([{ missed: 3, open: false }])
    expect(findGaps(sharedCause)).toMatchObject([{ to: NOW, open: true }])
    expect(timeBlocks(recovered).filter(({ missed }) => missed > 0)).toHaveLength(1)
  })
})

describe('words', () => {
  test('behavior: the subject is not named twice, hashes and long spans are shortened', () => {
    const late = reason('late', { number: '8', lateMs: 4050 }, 'seq-a')
    expect(formatReason(late)).toBe('seq-a: block 8 is 4.0 s late')
    expect(formatReason(late, 'seq-a')).toBe('block 8 is 4.0 s late')
    expect(formatReason(reason('held', { by: 'ada' }, 'seq-a'), 'seq-a')).toBe('pinned to seq-a by ada')
    expect(soften(`0x${'ab'.repeat(32)} in 900 ms`)).toBe('0xabab…abab in 900 ms')
  })

  test('behavior: JSON keeps big integers as strings and leaves bytes out', () => {
    expect(toJson({ n: 2n ** 64n, bytes: new Uint8Array(3), text: 'x' })).toBe(
      '{"n":"18446744073709551616","text":"x"}',
    )
  })
})
