import type { Comparison } from '../stretch.ts'

/** The names of the predicates, as in docs/resequence.md. */
export type PredicateName = 'P0' | 'P1' | 'P2' | 'P3' | 'P4' | 'P5' | 'P6' | 'P7' | 'P8'

/** What a predicate found: whether it holds, and what shows it, in one sentence. */
export type Finding = { readonly holds: boolean; readonly evidence: string }

/** One statement about what re-sequencing must not change. */
export type Predicate = {
  readonly name: PredicateName
  readonly claim: string
  readonly check: (comparison: Comparison) => Finding
}

export const holds = (evidence: string): Finding => ({ holds: true, evidence })
export const broken = (evidence: string): Finding => ({ holds: false, evidence })
