import { appendFileSync } from 'node:fs'
import type { Reporter, TestCase, TestModule } from 'vitest/node'

/**
 * Ends a run with one line that says it all, `N passed, N failed, N skipped`, and adds it to `BATON_TOTALS` if set.
 * Before it: what failed, and what passed only when it was tried again.
 */
export default class TotalsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: errors.length, skipped: 0 }
    const notes: string[] = []
    for (const module of modules) {
      if (module.errors().length > 0) {
        count.failed++
        notes.push(`did not load: ${module.moduleId}`)
      }
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed' || state === 'failed') count[state]++
        else count.skipped++
        if (state === 'failed') notes.push(`failed: ${nameOf(test)}`)
        else if (test.diagnostic()?.flaky) notes.push(`passed when tried again: ${nameOf(test)}`)
      }
    }
    const line = `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`
    console.log(['', ...notes, line].join('\n'))
    if (process.env.BATON_TOTALS) appendFileSync(process.env.BATON_TOTALS, `${line}\n`)
  }
}

const nameOf = (test: TestCase): string => `${test.module.relativeModuleId} > ${test.fullName}`
