import { appendFileSync, readFileSync } from 'node:fs'

/** A test that failed, and how: the first lines of its error. */
export type Failure = { readonly test: string; readonly error: string }

/** What became of a test file, or of a step that has none. The newest of a name counts. */
export type Result = {
  readonly name: string
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly failures: readonly Failure[]
  /** Why it proves nothing: it was inconclusive, or left out. */
  readonly note?: string
}

/** The file, one result a line, of all runs that are one run of CI; unset = nothing is written. */
const path = process.env.BATON_RESULTS

export function addResult(result: Result): void {
  if (path) appendFileSync(path, `${JSON.stringify(result)}\n`)
}

export function readResults(): Result[] {
  if (!path) throw new Error('BATON_RESULTS is not set: it names the file of the results')
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Result)
}

/** A result of a step without test files. */
export const stepResult = (name: string, result: Partial<Result>): Result => ({
  ...{ name, passed: 0, failed: 0, skipped: 0, failures: [] },
  ...result,
})
