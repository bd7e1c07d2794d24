import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/aws/**', 'test/real/**', 'test/*/long/**', 'test/bench/**'],
    reporters: ['default', './test/report/totals.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Most of the time goes by waiting: one worker a core, not one less.
    maxWorkers: 2,
  },
})
