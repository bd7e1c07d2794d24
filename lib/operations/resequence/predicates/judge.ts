import type { Comparison } from '../stretch.ts'
import { nothingHappened } from './happened.ts'
import { p0 } from './p0-prefix.ts'
import { p1 } from './p1-same-or-split.ts'
import { p2 } from './p2-timestamps.ts'
import { p3 } from './p3-transaction-boundary.ts'
import { p4 } from './p4-batch-boundary.ts'
import { p5 } from './p5-counts.ts'
import { p6 } from './p6-no-loss.ts'
import { p7 } from './p7-linked.ts'
import { p8 } from './p8-identical.ts'
import { broken, type Finding, type PredicateName } from './predicate.ts'

export const predicates = [p0, p1, p2, p3, p4, p5, p6, p7, p8] as const

/** One predicate's result; `required` = the run is a failure without it. */
export type Judgement = Finding & { readonly name: PredicateName; readonly claim: string; readonly required: boolean }

/**
 * Checks all predicates. None holds of a chain to which nothing happened, or of nothing at all: what a "for each" says
 * of an empty list is no evidence. P8 is required of a strict run; else it only tells whether anything changed. */
export function judge(comparison: Comparison, { strict }: { readonly strict: boolean }): readonly Judgement[] {
  const nothing = nothingHappened(comparison)
  return predicates.map(({ name, claim, check }) => ({
    name,
    claim,
    required: strict || name !== 'P8',
    ...(nothing === undefined ? check(comparison) : broken(nothing)),
  }))
}

/** The required predicates that do not hold. */
export function failures(judgements: readonly Judgement[]): readonly Judgement[] {
  return judgements.filter(({ required, holds }) => required && !holds)
}
