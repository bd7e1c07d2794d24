import { type Graph, stepsOf } from './operation.ts'

/** Who carries a procedure out, and how it tells what it does. The CLI prints it, the page shows it live. */
export type Observer = {
  readonly by: string
  /** Ends it at the next point where it can be left; what was done stays done. */
  readonly signal: AbortSignal
  /** A sentence on what was found, or begins now. */
  say(line: string): void
  /** How far it is with what was said last; each takes the place of the one before. */
  progress(line: string): void
  /** All its steps, whenever one begins. */
  steps(steps: readonly Step[]): void
}

/** A step of a procedure whose order is known. */
export type Step = { readonly label: string; readonly state: 'done' | 'under way' | 'left' }

/** What came of it: for programs, and in words for people. */
export type Report = {
  readonly value: unknown
  readonly text: string
  /** A plan that would not be begun, or a run that was told to stop. */
  readonly blocked?: boolean
}

/** A plan with the steps that would carry it out, by the names they have in the console. */
export function withSteps(operation: Pick<Graph, 'nodes'>, { value, text: words, ...rest }: Report): Report {
  const steps = stepsOf(operation)
  const lines = steps.map(({ name, does }) => `  ${name}: ${does}`)
  return { ...rest, value: { ...(value as object), states: steps }, text: `${words}\nsteps:\n${lines.join('\n')}` }
}
