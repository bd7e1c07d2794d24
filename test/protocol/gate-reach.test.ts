import { describe, expect, test } from 'vitest'
import type { ObservedNode } from '../../lib/protocol/decision.ts'
import { noteReach, untried } from '../../lib/protocol/gate-reach.ts'
import { known, T, view } from './scene.ts'

type Changes = Partial<ObservedNode> & { readonly peer?: string }

/** The node b as it is observed: each observation is a new object, and `since` is when it began to answer. */
function observed({ peer = 'p', ...changes }: Changes = {}): ObservedNode {
  const b = known('b', {}, T)
  const consensus = { ok: true, value: { rollup: { block_time: '2', l2_chain_id: '901' }, peer } } as const
  return {
    ...b,
    consensus: { result: 'ok', since: T - 60_000, samples: 30 },
    ...changes,
    observation: { ...b.observation, identity: { consensus } },
  }
}

const isDue = (b: ObservedNode, now: number) =>
  untried(view({ view: { observed: { a: known('a', {}, T), b } } }), now).includes('b')

const proved = { reach: 'proved' } as const
const unreachable = { reach: 'unreachable', message: '401' } as const

test('a standby is tried once, and again when that was long ago', () => {
  const b = observed()
  expect(isDue(b, 0)).toBe(true)
  const tried = noteReach(b, proved, 0)
  expect(isDue(tried, 179_999)).toBe(false)
  expect(isDue(tried, 180_000)).toBe(true)
})

test.each([
  ['for now', 0, false],
  ['due', -1_000, false],
  ['due in a moment', 9_000, false],
  ['for tonight', 36_000_000, true],
])('a switchover %s: is a standby tried meanwhile', (_, ms, tried) => {
  const seen = view()
  const switchover = { id: 's', to: 'b', notBefore: ms === 0 ? 0 : seen.now + ms, by: 'ann', force: false }
  expect(untried(view({ lease: { switchover } }), 0).includes('b')).toBe(tried)
})

/** How often it is tried within ten minutes of observations, one a second. */
function triesOf(found: Parameters<typeof noteReach>[1], next: (second: number) => ObservedNode): number[] {
  let gate: ObservedNode['gate']
  const tries: number[] = []
  for (let second = 0; second < 600; second += 1) {
    const b = { ...next(second), ...(gate && { gate }) }
    if (!isDue(b, second * 1_000)) continue
    tries.push(second)
    gate = noteReach(b, found, second * 1_000).gate
  }
  return tries
}

describe('behind a server that ends each connection, every answer is a new one', () => {
  test('a proved way is tried less and less often, as one of a steady connection is', () => {
    const kept = observed()
    expect(triesOf(proved, () => kept)).toEqual([0, 180, 360, 540])
    expect(triesOf(proved, () => observed())).toEqual([0, 5, 15, 35, 75, 155, 315, 495])
  })

  test('a failed way keeps its own pace', () => {
    const kept = observed()
    expect(triesOf(unreachable, () => observed()).length).toBeLessThanOrEqual(
      triesOf(unreachable, () => kept).length + 2,
    )
  })
})

describe('what may have changed its way leads to a try', () => {
  const tried = noteReach(observed(), proved, 0)
  const gate = tried.gate as NonNullable<ObservedNode['gate']>

  test('another process answers', () => {
    expect(isDue(observed({ gate, peer: 'q' }), 1_000)).toBe(true)
  })

  test('it was away, and is the same again', () => {
    const consensus = { result: 'ok', since: T, samples: 1 } as const
    expect(isDue({ ...tried, consensus }, 1_000)).toBe(true)
  })

  test('it restarted between two observations: a new connection after a long time', () => {
    const later = noteReach(tried, proved, 180_000)
    expect(isDue(later, 186_000)).toBe(false)
    expect(isDue(observed({ gate: later.gate as typeof gate }), 186_000)).toBe(true)
  })

  test('a start failed since; the same failure, read again, is no other one', () => {
    const failedStart = { term: 3, at: T, message: 'refused' }
    expect(isDue({ ...tried, failedStart }, 1_000)).toBe(true)
    const after = noteReach({ ...tried, failedStart }, proved, 1_000)
    expect(isDue({ ...after, failedStart: { ...failedStart } }, 2_000)).toBe(false)
  })
})
