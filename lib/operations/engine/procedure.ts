import { type Graph, stepsOf } from './operation.ts'

/** Who carries a procedure out, and where it reports. The CLI prints the reports, the page shows them live. */
export type Observer = {
  readonly by: string
  /** Ends it at the next safe point; what was done stays done. */
  readonly signal: AbortSignal
  /** A sentence on a finding, or on what begins now. */
  say(line: string): void
  /** Progress since the last `say`; each line replaces the previous one. */
  progress(line: string): void
  /** All steps, each time one begins. */
  steps(steps: readonly Step[]): void
}

/** A step of a procedure whose order is known. */
export type Step = { readonly label: string; readonly state: 'done' | 'under way' | 'left' }

/** The result: a value for programs and a text for people. */
export type Report = {
  readonly value: unknown
  readonly text: string
  /** The plan cannot begin, or the run was stopped by request. */
  readonly blocked?: boolean
}

/** Adds an operation's steps to a plan, under the names they have in the console. */
export function withSteps(operation: Pick<Graph, 'nodes'>, { value, text: words, ...rest }: Report): Report {
  const steps = stepsOf(operation)
  const lines = steps.map(({ name, does }) => `  ${name}: ${does}`)
  return { ...rest, value: { ...(value as object), states: steps }, text: `${words}\nsteps:\n${lines.join('\n')}` }
}
