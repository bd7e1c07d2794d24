import { expect, test } from 'vitest'
import { runPlans } from '../batch.ts'
import { REGRESSIONS } from '../regressions.ts'

test.concurrent.each(REGRESSIONS)(
  '$bug: not any more, and its return is noticed',
  { timeout: 120_000 },
  async (regression) => {
    const { plan, mutation, breaks } = regression
    const brokenBy = async (changed?: string) =>
      (await runPlans([plan], changed)).failures.map(({ violation }) => violation.invariant)
    expect(await brokenBy()).toEqual([])
    expect(await brokenBy(mutation)).toEqual([breaks])
  },
)
