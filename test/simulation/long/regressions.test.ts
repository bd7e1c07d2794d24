import { expect, test } from 'vitest'
import { runPlans } from '../batch.ts'
import { REGRESSIONS } from '../regressions.ts'

/** What a moment more or less changes is up to the seed: when the product learns something, another one shows the bug. */
const SEEDS = 8

test.concurrent.each(REGRESSIONS)(
  '$bug: not any more, and its return is noticed',
  { timeout: 120_000 },
  async (regression) => {
    const { plan, mutation, breaks } = regression
    const plans = Array.from({ length: SEEDS }, (_, i) => ({ ...plan, seed: plan.seed + i }))
    const brokenBy = async (changed?: string) =>
      new Set((await runPlans(plans, changed)).failures.map(({ violation }) => violation.invariant))
    expect(await brokenBy()).toEqual(new Set())
    expect(await brokenBy(mutation)).toEqual(new Set([breaks]))
  },
)
