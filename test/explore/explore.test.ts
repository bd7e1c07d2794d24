import { expect, test } from 'vitest'
import { explore } from './search.ts'

// The wider bounds take minutes: `npm run explore` (docs/simulation.md).
test('two nodes, three blocks, two terms: every order of every write, and nothing breaks', { timeout: 120_000 }, () => {
  const { violation, exhausted, states } = explore({
    bounds: { nodes: 2, height: 3, term: 2, orders: 2, renewals: 1 },
  })
  expect(violation?.trace ?? []).toEqual([])
  expect(exhausted).toBe(true)
  expect(states).toBeGreaterThan(20_000)
})

test('two nodes, two blocks, three terms', { timeout: 180_000 }, () => {
  const { violation, exhausted, states } = explore({
    bounds: { nodes: 2, height: 2, term: 3, orders: 1, renewals: 1 },
  })
  expect(violation?.trace ?? []).toEqual([])
  expect(exhausted).toBe(true)
  expect(states).toBeGreaterThan(50_000)
})
