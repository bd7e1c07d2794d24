import { defineConfig } from 'vitest/config'
import { clocked, elsewhere } from '../vitest.config.ts'

/** What answers within seconds while one writes: no clock, no sockets, no template, no long search for counterexamples. */
const slow = ['test/{cdk,explore,security,simulation}/**', 'test/**/*.property.test.ts', `test/${clocked}/**`]

export default defineConfig({
  test: { root: `${import.meta.dirname}/..`, include: ['test/**/*.test.ts'], exclude: [...elsewhere, ...slow] },
})
