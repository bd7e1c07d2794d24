import { describe, expect, test } from 'vitest'
import { faults, react } from './reaction.ts'

/** Two monitors, and op-nodes that take longer for a start than a monitor's lease runs without a sign of life. */
const slow = { monitors: 2, startMs: 4_600 } as const

describe.each([2_000, 1_000, 500, 250, 200])('a start of 4.6 s at %i ms blocks', (blockTimeMs) => {
  test('is one failover: the other monitor leaves it to the one at work', async () => {
    for (const at of [0.1, 0.6]) {
      const { acts, moves, leader, gapMs } = await react(blockTimeMs, faults['op-node killed'], at, {}, slow)
      expect({ leader, moves: moves.map(({ node }) => node) }).toEqual({ leader: 'b', moves: ['b'] })
      expect(acts.filter((act) => act === 'start b')).toHaveLength(1)
      expect(gapMs).toBeLessThan(2 * blockTimeMs + slow.startMs + 1_500)
    }
  })

  test('whose monitor dies meanwhile is finished by the other one', async () => {
    const pauses = [{ monitor: 0, afterMs: 3_000, ms: 60_000 }]
    const { silentMs, gapMs } = await react(blockTimeMs, faults['op-node killed'], 0.1, {}, { ...slow, pauses })
    expect(silentMs).toBeLessThan(2 * blockTimeMs)
    expect(gapMs).toBeLessThan(20_000)
  })
})
