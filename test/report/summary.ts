import { type Result, readResults } from './results.ts'

/** Tests of a file that are named; the others are counted. */
const NAMED = 10
/** A line of an error may hold a whole document. */
const LINE = 300

/**
 * The last lines of CI, of whose log only beginning and end can be read: each file that failed with the names of its
 * tests and the first lines of how, each that passed only alone, each that proves nothing, and the total.
 */
export function summary(results: readonly Result[]): { readonly lines: readonly string[]; readonly failed: boolean } {
  const last = [...new Map(results.map((result) => [result.name, result])).values()]
  const total = (key: 'passed' | 'failed' | 'skipped') => last.reduce((sum, result) => sum + result[key], 0)
  const alone = last.filter(({ failed, note }) => failed === 0 && note === undefined).map(({ name }) => name)
  const once = results.filter(({ name, failed }) => failed > 0 && alone.includes(name))
  const lines = [
    ...once.flatMap((result) => describe(`PASSED WHEN RUN AGAIN, ALONE: ${result.name}`, result)),
    ...last.filter(({ failed }) => failed > 0).flatMap((result) => describe(`FAILED: ${result.name}`, result)),
    ...last.flatMap((result) => (result.note === undefined ? [] : describe(`${result.note}: ${result.name}`, result))),
    `${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`,
  ]
  return { lines, failed: total('failed') > 0 || total('passed') === 0 }
}

function describe(title: string, { failures }: Result): string[] {
  const named = failures
    .slice(0, NAMED)
    .flatMap(({ test, error }) => [`  ${test}`, ...error.split('\n').map((line) => `    ${line.slice(0, LINE)}`)])
  const rest = failures.length - NAMED
  return [title, ...named, ...(rest > 0 ? [`  and ${rest} more`] : [])]
}

if (import.meta.main) {
  const { lines, failed } = summary(readResults())
  console.log(lines.join('\n'))
  process.exitCode = failed ? 1 : 0
}
