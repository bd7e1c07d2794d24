import { describe, expect, test } from 'vitest'
import type { ObservedNode } from '../../lib/protocol/decision.ts'
import { noteReach, untried } from '../../lib/protocol/gate-reach.ts'
import { followOn, provedWays, takeOver } from '../../lib/protocol/hand-on.ts'
import { known, T, view } from './scene.ts'

const PEER = '16Uiu2HAm'

/** The node b over one connection, which answers without a break since `since` (Unix ms). */
function steady(peer: string | undefined = PEER, since = T - 60_000): ObservedNode {
  const b = known('b', {}, T)
  const value = { rollup: { block_time: '2' }, ...(peer !== '' && { peer }) }
  return {
    ...b,
    consensus: { result: 'ok', since, samples: 30 },
    observation: { ...b.observation, identity: { consensus: { ok: true, value } } },
  }
}

/** The same answers over another connection. */
const reconnected = (b: ObservedNode): ObservedNode => ({
  ...b,
  observation: { ...b.observation, identity: structuredClone(b.observation.identity ?? {}) },
})

const isDue = (b: ObservedNode, now: number) =>
  untried(view({ view: { observed: { a: known('a', {}, T), b } } }), now).includes('b')

describe('what a monitor hands on', () => {
  const tried = noteReach(steady(), { reach: 'proved' }, 1_000)

  test('a proved way, with its age', () => {
    expect(provedWays({ b: tried }, 61_000)).toEqual({ b: { peer: PEER, age: 60_000 } })
  })

  test.each<[string, ObservedNode, number]>([
    ['that is old enough for another try', tried, 181_000],
    ['that was never tried', steady(), 61_000],
    ['that failed', noteReach(steady(), { reach: 'unreachable' }, 1_000), 2_000],
    ['of a client that is not asked', noteReach(steady(), { reach: 'unknown' }, 1_000), 2_000],
    ['over a connection that is not the one it was proved on', reconnected(tried), 61_000],
    ['of a client that was away since', { ...tried, consensus: { ...tried.consensus, since: T } }, 61_000],
    ['of a client without a peer id', noteReach(steady(''), { reach: 'proved' }, 1_000), 61_000],
    [
      'of a client that is silent now',
      { ...tried, observation: { ...tried.observation, consensus: { ok: false, failure: 'timeout', message: '' } } },
      61_000,
    ],
  ])('no way %s', (_, b, now) => {
    expect(provedWays({ b }, now)).toEqual({})
  })
})

describe('what its successor takes over', () => {
  const own = steady(PEER, T - 8_000)
  const first = followOn({ b: own })
  const way = { peer: PEER, age: 60_000 }

  test('a proved way of a client that it has watched without a break is as old for it, and no younger', () => {
    const taken = takeOver(own, way, { first: first.b, now: 500 })
    expect(taken.gate).toMatchObject({ reach: 'proved', at: -59_500 })
    expect(isDue(taken, 120_499)).toBe(false)
    expect(isDue(taken, 120_500)).toBe(true)
    expect(isDue(reconnected(taken), 5_500)).toBe(true)
    expect(isDue({ ...taken, consensus: { ...taken.consensus, since: T } }, 501)).toBe(true)
  })

  test.each<[string, ObservedNode, typeof way]>([
    ['another client', own, { ...way, peer: 'another' }],
    ['too old', own, { ...way, age: 180_000 }],
    ['of an age that cannot be', own, { ...way, age: -1 }],
    ['of a client on another connection since the first look', reconnected(own), way],
    ['of a client that was away since the first look', steady(PEER, T - 2_000), way],
  ])('nothing that is %s', (_, b, given) => {
    expect(takeOver(b, given, { first: first.b, now: 500 })).toBe(b)
  })

  test('nothing of a client that it did not see in time', () => {
    expect(takeOver(own, way, { first: undefined, now: 500 })).toBe(own)
  })

  test('nothing in place of what it found itself', () => {
    const found = noteReach(own, { reach: 'unreachable' }, 400)
    expect(takeOver(found, way, { first: first.b, now: 500 })).toBe(found)
  })
})
