import type { State } from './definition.ts'

/** What is counted: the key of its counter in `$.steps`, and the names of the two states that count it. */
export type Counted = { readonly counter: string; readonly count: string; readonly enough: string }

/** Counts how often something was done; goes on to `again`, or after `most` times to the end `Unfinished`. */
export function atMost(most: number, { counter, count, enough }: Counted, again: string): Record<string, State> {
  return {
    [count]: {
      Type: 'Pass',
      Parameters: { 'n.$': `States.MathAdd($.steps.${counter}.n, 1)` },
      ResultPath: `$.steps.${counter}`,
      Next: enough,
    },
    [enough]: {
      Type: 'Choice',
      Choices: [{ Variable: `$.steps.${counter}.n`, NumericGreaterThanEquals: most, Next: 'Unfinished' }],
      Default: again,
    },
  }
}
