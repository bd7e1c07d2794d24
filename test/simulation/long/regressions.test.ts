import { expect, test } from 'vitest'
import { runPlans } from '../batch.ts'
import { REGRESSIONS } from '../regressions.ts'

test.concurrent.each(REGRESSIONS)(
  '$bug: not any more, and its return is noticed',
  { timeout: 120_000 },
  async (regression) => {
    const { plan, seeds = 1, mutation, breaks } = regression
    const plans = Array.from({ length: seeds }, (_, i) => ({ ...plan, seed: i + 1 }))
    const brokenBy = async (changed?: string) =>
      (await runPlans(plans, changed)).failures.map(({ violation }) => violation.invariant)
    expect(await brokenBy()).toEqual([])
    expect(new Set(await brokenBy(mutation))).toEqual(new Set([breaks]))
  },
)
