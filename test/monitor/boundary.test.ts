import { describe, expect, test } from 'vitest'
import { missedIn, react } from './reaction.ts'

/** How far a monitor's clock may be ahead of, or behind, those of the nodes and of their gate (ms). */
const SKEWS = [-400, -250, -180, -125, -88, -40, 0, 40, 88, 105, 125, 180, 250, 400]
/** Moments of a slot at which the switchover is asked for. */
const MOMENTS = [0.05, 0.3, 0.55, 0.8]

const ask = { switchover: 'fit' } as const

describe.each([2_000, 1_000, 500, 250, 200])('a switchover at %i ms blocks', (blockTimeMs) => {
  test.each(SKEWS)('by a monitor whose clock is %i ms off: done, within a slot', async (skewMs) => {
    for (const at of MOMENTS) {
      const { leader, waits, gapMs, moves } = await react(blockTimeMs, ask, at, {}, { skewMs: [skewMs] })
      expect({ at, leader, waits, missed: missedIn(gapMs, blockTimeMs), moves }).toEqual({
        at,
        leader: 'b',
        waits: false,
        missed: 0,
        moves: [],
      })
    }
  })

  test('with a standby that answers nothing: done, within a slot', async () => {
    for (const at of MOMENTS) {
      const { leader, waits, gapMs } = await react(blockTimeMs, ask, at, {}, { silent: ['c'] })
      expect({ at, leader, waits, missed: missedIn(gapMs, blockTimeMs) }).toEqual({
        at,
        leader: 'b',
        waits: false,
        missed: 0,
      })
    }
  })

  test.each([20, 100, 300])(
    'by a monitor %i ms from its store: done, in little more time than its writes take',
    async (storeMs) => {
      for (const at of MOMENTS) {
        const { leader, waits, gapMs } = await react(blockTimeMs, ask, at, {}, { storeMs })
        expect({ at, leader, waits }).toEqual({ at, leader: 'b', waits: false })
        expect(gapMs).toBeLessThan(blockTimeMs + 12 * storeMs + 200)
      }
    },
  )
})
