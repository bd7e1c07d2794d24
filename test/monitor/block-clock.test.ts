import { describe, expect, test } from 'vitest'
import { freshMemory, watchGateClock } from '../../lib/context/memory.ts'
import { decide } from '../../lib/protocol/decide.ts'
import type { View } from '../../lib/protocol/decision.ts'
import { defaultPolicy } from '../../lib/protocol/policy.ts'
import { brief, head, T, view } from '../protocol/scene.ts'

/**
 * The view after a chain of this block time ran for some seconds, each block stamped so many ms from its commit. The
 * monitor reads the head twice a slot.
 */
function seenAfter(seconds: number, off: (ms: number) => number, blockTimeMs = 2_000): View {
  const memory = freshMemory()
  let [now, last] = [T, head()]
  for (let half = 0; half * (blockTimeMs / 2) <= seconds * 1_000; half++) {
    now = T + (half * blockTimeMs) / 2
    const k = Math.floor(half / 2)
    const committedAt = T + k * blockTimeMs
    const timestamp = BigInt(Math.floor((committedAt + off(k * blockTimeMs)) / 1_000))
    last = head({ number: 100n + BigInt(k), timestamp, committedAt })
    watchGateClock(memory, last, now, now + 8, blockTimeMs)
  }
  const seen = view({ policy: defaultPolicy(blockTimeMs) })
  const clocks = { ...(memory.blockClock && { blocks: memory.blockClock }) }
  const place = { number: last.number, hash: last.hash }
  const observed = Object.fromEntries(
    Object.entries(seen.observed).map(([name, known]) => {
      const { consensus, execution } = known.observation
      if (!consensus.ok || !execution.ok) throw new Error('all answer')
      const unsafe = { ...consensus.value.unsafe, ...place }
      const observation = {
        ...known.observation,
        consensus: { ok: true, value: { ...consensus.value, unsafe } } as const,
        execution: { ok: true, value: { ...execution.value, latest: place } } as const,
      }
      return [name, { ...known, observation }]
    }),
  )
  return { ...seen, now: now + 20, headSeenAt: now, head: last, observed: observed, clocks }
}

const reported = (at: View) => {
  const { reasons, page } = decide(at)
  const code = 'block-clock'
  return {
    reported: reasons.find((reason) => reason.code === code)?.evidence.direction,
    paged: page.some((reason) => reason.code === code),
  }
}

describe.each([2_000, 1_000, 250])('blocks of %i ms', (blockTimeMs) => {
  test.each<[string, number, object]>([
    ['as they should be', 0, { reported: undefined, paged: false }],
    ['half a second early', 500, { reported: undefined, paged: false }],
    ['a second and a half late', -1_500, { reported: undefined, paged: false }],
    ['five seconds early', 5_000, { reported: 'ahead of', paged: false }],
    ['ten minutes early', 600_000, { reported: 'ahead of', paged: true }],
    ['a day early', 86_400_000, { reported: 'ahead of', paged: true }],
    ['eight seconds late', -8_000, { reported: 'behind', paged: false }],
    ['half a minute late', -30_000, { reported: 'behind', paged: true }],
    ['two hours late', -7_200_000, { reported: 'behind', paged: true }],
  ])('stamped %s, for minutes', (_, off, expected) => {
    expect(reported(seenAfter(180, () => off, blockTimeMs))).toEqual(expected)
  })

  test('a chain that catches up is not reported, however far it was behind', () => {
    for (const [behind, pace] of [
      [30_000, 10],
      [600_000, 10],
      [3_600_000, 10],
      [3_600_000, 0.5],
    ] as const) {
      const catching = (ms: number) => Math.min(0, -behind + pace * ms)
      for (const seconds of [2, 20, 70, 200]) {
        const at = reported(seenAfter(seconds, catching, blockTimeMs))
        expect(at).toEqual({ reported: undefined, paged: false })
      }
    }
  })
})

test('a single block from the future is reported at once, and by whom it is', () => {
  const decision = decide(view({ head: { timestamp: BigInt(T / 1_000) + 3_600n } }))
  expect(brief(decision)).toMatchObject({ condition: 'ok', page: 'block-clock' })
  expect(decision.page[0]?.node).toBe('a')
})

test('under a term that has yet to commit it is the leader before who made it', () => {
  const ahead = { timestamp: BigInt(T / 1_000) + 3_600n, committedTerm: 2, term: 3, fencedAt: T }
  const decision = decide(view({ head: ahead, lease: { previousLeader: 'b' } }))
  expect(brief(decision)).toMatchObject({ condition: 'moving', page: 'block-clock' })
  expect(decision.page.map(({ node }) => node)).toEqual(['b'])
})

test('a genesis that is yet to come is of no clock', () => {
  const decision = decide(view({ head: { timestamp: BigInt(T / 1_000) + 45n, committedTerm: 0, fencedAt: T } }))
  expect(decision.page).toEqual([])
})

test('where our own clock is the wrong one, the sequencer’s is not blamed', () => {
  const offset = { low: 40_000, high: 41_000 }
  const store = { since: T, samples: 9, offset, past: [offset, offset] }
  const at = { ...seenAfter(180, () => -30_000) }
  expect(reported({ ...at, clocks: { ...at.clocks, store } })).toEqual({ reported: undefined, paged: false })
})
