import { describe, expect, test } from 'vitest'
import { monitorMetrics } from '../../lib/cloudwatch/monitor-metrics.ts'
import { defaultPolicy } from '../../lib/protocol/policy.ts'
import type { Head } from '../../lib/protocol/records.ts'
import { StoreUnavailableError } from '../../lib/store/errors.ts'
import { synthesize } from './app.ts'
import { type Alarm, alarmsOf, evaluate, firstAlarm, type Point } from './cloudwatch.ts'

const alarms = alarmsOf(synthesize())
const pages = alarms.filter(({ page }) => page)
const MINUTE = 60_000
const START = 1_700_000_040_000 - (1_700_000_040_000 % MINUTE)
const OUTAGE_MS = 6 * MINUTE

/** What becomes of a monitor that is to take a turn, or to be started, at a moment. */
type Fate = {
  readonly turn: (at: number) => 'well' | 'fails' | 'dies'
  readonly starts: (at: number) => 'well' | 'not' | 'fails'
}

const silent = new StoreUnavailableError('read', 'leases/901', new Error('no answer'))
const verdicts = ['b', 'c'].map((node) => ({ node, role: 'standby', eligible: true, reasons: [] }))

/**
 * What monitors emit that start each minute and watch until their successor is warm, or for 140 s, as they are written:
 * gathered for 15 s.
 */
function emitted({ turn, starts }: Fate, untilMs: number, delayMs = 5_000): Point[] {
  const points: Point[] = []
  let active: number | undefined
  for (let began = START; began < START + untilMs; began += MINUTE) {
    const started = starts(began)
    let now = began
    let line: Omit<Point, 'at'>[] = []
    const sink = {
      add: (metric: string, value: number) => line.push({ metric, value }),
      note: () => {},
      flush() {
        points.push(...line.map((point) => ({ ...point, at: now, arrives: now + delayMs })))
        line = []
      },
    }
    if (started === 'fails') {
      sink.add('TickErrors', 1)
      sink.flush()
    }
    if (started !== 'well') continue
    const metrics = monitorMetrics(sink as never, `run-${began}`, () => now)
    let failingSince: number | undefined
    // The run before is the active one until it ends.
    const from = active === undefined ? began : Math.max(began, active)
    const followed = [1, 2].map((minutes) => began + minutes * MINUTE).find((next) => starts(next) === 'well')
    const ends = Math.min(began + 140_000, (followed ?? Number.POSITIVE_INFINITY) + 12_000)
    for (; now < ends; now += 1_000) {
      const comes = turn(now)
      if (comes === 'dies') break
      if (comes === 'fails') {
        failingSince ??= now
        metrics.failed()
        metrics.failing({ since: failingSince, error: silent })
        continue
      }
      failingSince = undefined
      metrics.tick(wellAt(now), now >= from)
    }
    if (turn(now) !== 'dies') metrics.flush()
    active = ends
  }
  return points.filter(({ at }) => at <= START + untilMs)
}

function wellAt(now: number): never {
  const head = { number: 7n, committedAt: now - 900, leader: 'a' } as Head
  const view = { now, policy: defaultPolicy(2_000), nodes: [], observed: {}, head }
  return { view, decision: { condition: 'ok', commands: [], reasons: [], page: [], verdicts } } as never
}

const well: Fate = { turn: () => 'well', starts: () => 'well' }
const offsets = [0, 1, 10, 25, 30, 45, 59]
const begins = (offset: number) => START + 5 * MINUTE + offset * 1_000

/** When somebody is paged after the last turn that went well, ms. */
function pagedAfter(fate: (from: number) => Fate, among: readonly Alarm[] = pages): number[] {
  return offsets.map((offset) => {
    const from = begins(offset)
    const points = emitted(fate(from), 5 * MINUTE + offset * 1_000 + OUTAGE_MS)
    return firstAlarm(among, points, { from, until: from + OUTAGE_MS })?.afterMs ?? Number.POSITIVE_INFINITY
  })
}

describe('a person is paged within three minutes', () => {
  test.each<[string, (from: number) => Fate]>([
    ['the store does not answer', (from) => ({ ...well, turn: (at) => (at >= from ? 'fails' : 'well') })],
    [
      'the store answers one turn of twenty',
      (from) => ({ ...well, turn: (at) => (at >= from && at % 20_000 ? 'fails' : 'well') }),
    ],
    [
      'nothing is started any more, and what ran is gone: throttled, the schedule off, an import that fails',
      (from) => ({ starts: (at) => (at >= from ? 'not' : 'well'), turn: (at) => (at >= from ? 'dies' : 'well') }),
    ],
    [
      'each start fails, and what ran is gone: the configuration cannot be read',
      (from) => ({ starts: (at) => (at >= from ? 'fails' : 'well'), turn: (at) => (at >= from ? 'dies' : 'well') }),
    ],
  ])('%s', (_, fate) => {
    expect(Math.max(...pagedAfter(fate))).toBeLessThanOrEqual(3 * MINUTE)
  })

  test('the store is away, whatever the alarm on silence does: by the turns that fail', () => {
    const others = pages.filter(({ id }) => id !== 'monitor-not-ticking')
    const after = pagedAfter((from) => ({ ...well, turn: (at) => (at >= from ? 'fails' : 'well') }), others)
    expect(Math.max(...after)).toBeLessThanOrEqual(2 * MINUTE)
  })
})

describe('nobody is paged', () => {
  test.each<[string, Fate, number]>([
    ['while all is well', well, 5_000],
    ['when metrics come 50 s late', well, 50_000],
    ['for a start that was missed', { ...well, starts: (at) => (at === START + 5 * MINUTE ? 'not' : 'well') }, 5_000],
    ['for a turn that failed now and then', { ...well, turn: (at) => (at % 9_000 === 0 ? 'fails' : 'well') }, 5_000],
    [
      'for nine seconds in which the store was silent',
      { ...well, turn: (at) => (at % MINUTE < 9_000 ? 'fails' : 'well') },
      5_000,
    ],
  ])('%s', (_, fate, delayMs) => {
    const points = emitted(fate, 15 * MINUTE, delayMs)
    expect(firstAlarm(pages, points, { from: START + 4 * MINUTE, until: START + 14 * MINUTE })).toBeUndefined()
  })
})

describe('the evaluator does as the table of the user guide', () => {
  const three: Alarm = {
    id: 'x',
    page: true,
    metric: 'm',
    statistic: 'Sum',
    fill: undefined,
    threshold: 1,
    comparison: 'LessThanThreshold',
    periods: 3,
    toAlarm: 3,
    missing: 'missing',
  }
  /** Five minutes, oldest first: 0 is within the threshold, X beyond it, - has no value. */
  const rows = (text: string): Point[] =>
    text
      .split(' ')
      .flatMap((sign, i) => (sign === '-' ? [] : { metric: 'm', at: START + i * MINUTE, value: sign === 'X' ? 0 : 5 }))
  test.each([
    ['0 - X - X', ['OK', 'OK', 'OK', 'OK']],
    ['0 - - - -', ['OK', 'OK', 'OK', 'OK']],
    ['- - - - -', ['INSUFFICIENT_DATA', 'OK', 'ALARM', 'OK']],
    ['0 X X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
  ])('%s', (text, states) => {
    const now = START + 5 * MINUTE
    const treated = ['missing', 'ignore', 'breaching', 'notBreaching']
    expect(treated.map((missing) => evaluate({ ...three, missing }, rows(text), now))).toEqual(states)
  })
  test('silence is a breach only when the whole range is empty, unless it is filled', () => {
    const breaching = { ...three, missing: 'breaching' }
    expect(evaluate(breaching, rows('0 0 - - -'), START + 5 * MINUTE)).toBe('OK')
    expect(evaluate({ ...breaching, fill: 0 }, rows('0 0 - - -'), START + 5 * MINUTE)).toBe('ALARM')
  })
})
