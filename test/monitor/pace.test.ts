import fc from 'fast-check'
import { expect, test } from 'vitest'
import { paceOf, watching } from '../../lib/monitor/pace.ts'

test('few chains are watched as one is', () => {
  expect(paceOf(49)(48)).toEqual({})
  expect(watching(9)).toEqual({})
})

test('many chains spare nodes and store, and each has its own place in the tick', () => {
  expect(paceOf(50)(0)).toEqual({ observeEvery: 3, ttlMs: 15_000, jitterMs: 0, startOffsetMs: 0 })
  expect(paceOf(300)(299)).toEqual({ observeEvery: 6, ttlMs: 15_000, jitterMs: 897, startOffsetMs: 4_485 })
  expect(watching(10)).toEqual({ gatherMs: 20, timeoutMs: 1_000 })
})

test('a place is within the tick, and neighbours have places of their own', () => {
  fc.assert(
    fc.property(fc.integer({ min: 50, max: 2_000 }), fc.nat(1_998), (chains, index) => {
      const pace = paceOf(chains)
      const [mine = 0, next = 0] = [pace(index).jitterMs, pace(index + 1).jitterMs]
      expect(mine).toBeLessThan(1_000)
      expect(mine).not.toBe(next)
    }),
  )
})
