import { appendFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node'

type Count = { passed: number; failed: number; skipped: number }

/**
 * Ends a run with one line that says it all, `N passed, N failed, N skipped`. Before it: what failed, and what passed
 * only when it was tried again. Adds a line a file to `BATON_TOTALS` if set: passed, failed, skipped, file.
 */
export default class TotalsReporter implements Reporter {
  #config = 'no configuration'

  onInit(vitest: Vitest): void {
    this.#config = relative(vitest.config.root, vitest.vite.config.configFile || this.#config)
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const files = modules.map((module) => ({ file: module.relativeModuleId, ...countOf(module) }))
    // What belongs to no file, such as a promise nobody waited for, counts under the run's configuration.
    const rows = [...files, { file: this.#config, passed: 0, failed: errors.length, skipped: 0 }]
    const total = (key: keyof Count) => rows.reduce((sum, row) => sum + row[key], 0)
    const line = `${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`
    console.log(['', ...modules.flatMap(notesOf), line].join('\n'))
    if (!process.env.BATON_TOTALS) return
    const lines = rows.map(({ passed, failed, skipped, file }) => `${passed} ${failed} ${skipped} ${file}\n`)
    appendFileSync(process.env.BATON_TOTALS, lines.join(''))
  }
}

function countOf(module: TestModule): Count {
  const count = { passed: 0, failed: module.errors().length, skipped: 0 }
  for (const test of module.children.allTests()) {
    const { state } = test.result()
    if (state === 'passed' || state === 'failed') count[state]++
    else count.skipped++
  }
  return count
}

function notesOf(module: TestModule): string[] {
  const load = module.errors().length > 0 ? [`did not load: ${module.relativeModuleId}`] : []
  const tests = [...module.children.allTests()].flatMap((test) => {
    if (test.result().state === 'failed') return [`failed: ${nameOf(test)}`]
    return test.diagnostic()?.flaky ? [`passed when tried again: ${nameOf(test)}`] : []
  })
  return [...load, ...tests]
}

const nameOf = (test: TestCase): string => `${test.module.relativeModuleId} > ${test.fullName}`
