import { relative } from 'node:path'
import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node'
import { addResult, type Failure, type Result } from './results.ts'

/** As much of an error as says what went wrong. */
const ERROR_LINES = 6

/**
 * Ends a run with one line that says it all, `N passed, N failed, N skipped`, and before it the names of what failed.
 * Each file's result goes to `BATON_RESULTS` as soon as it is there: a run that is cut off leaves what it proved.
 */
export default class TotalsReporter implements Reporter {
  #vitest: Vitest | undefined

  onInit(vitest: Vitest): void {
    this.#vitest = vitest
  }

  onTestModuleEnd(module: TestModule): void {
    addResult(resultOf(module))
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const results = modules.map(resultOf)
    const loose = errors.map((error) => this.#looseResult(error, results))
    for (const result of loose) addResult(result)
    const total = (key: 'passed' | 'failed' | 'skipped') =>
      results.reduce((sum, result) => sum + result[key], key === 'failed' ? loose.length : 0)
    const failed = [...results, ...loose].flatMap(({ name, failures }) =>
      failures.map(({ test }) => `${name} > ${test}`),
    )
    const line = `${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`
    console.log(['', ...new Set(failed.map((name) => `failed: ${name}`)), line].join('\n'))
  }

  /** What failed outside of any test, such as a promise that nothing awaited, counts in the file it came from. */
  #looseResult(error: unknown, results: readonly Result[]): Result {
    const { config, vite } = this.#vitest ?? {}
    const root = config?.root ?? ''
    const { VITEST_TEST_PATH: file } = error as { VITEST_TEST_PATH?: string }
    const name = relative(root, file ?? (vite?.config.configFile || 'no configuration'))
    const known = results.find((result) => result.name === name)
    const failure = { test: 'outside of any test', error: firstLines(error) }
    const { passed = 0, failed = 0, skipped = 0, failures = [] } = known ?? {}
    return { name, passed, failed: failed + 1, skipped, failures: [...failures, failure] }
  }
}

function resultOf(module: TestModule): Result {
  const tests = [...module.children.allTests()]
  const count = (state: string) => tests.filter((test) => test.result().state === state).length
  const load = module.errors().map((error): Failure => ({ test: 'did not load', error: firstLines(error) }))
  const [passed, failed] = [count('passed'), count('failed')]
  const failures = [...load, ...tests.filter((test) => test.result().state === 'failed').map(failureOf)]
  const skipped = tests.length - passed - failed
  return { name: module.relativeModuleId, passed, failed: failed + load.length, skipped, failures }
}

const failureOf = (test: TestCase): Failure => ({
  test: test.fullName,
  error: firstLines(test.result().errors?.[0]),
})

/** The message, and where in this repository it was thrown. */
function firstLines(error: unknown): string {
  const {
    message = String(error),
    diff = '',
    stacks = [],
  } = (error ?? {}) as {
    message?: string
    diff?: string
    stacks?: readonly { file: string; line: number }[]
  }
  const at = stacks.find(({ file }) => !file.includes('node_modules'))
  const lines = [...message.split('\n'), ...diff.split('\n')].filter((line) => line.trim() !== '').slice(0, ERROR_LINES)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: vitest colours a diff whatever it is printed to.
  return [...lines, ...(at ? [`at ${at.file}:${at.line}`] : [])].join('\n').replaceAll(/\u001b\[\d+m/g, '')
}
