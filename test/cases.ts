/**
 * How many cases a search for counterexamples takes: a few in `npm test`, all of them in `.ci/run`, and wherever
 * `BATON_CASES=all` is set.
 */
export const cases = ({ few, all }: { readonly few: number; readonly all: number }): number =>
  process.env.BATON_CASES === 'all' ? all : few
