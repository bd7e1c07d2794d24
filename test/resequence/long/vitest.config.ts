import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/resequence/long/*.test.ts'],
    reporters: ['verbose', './test/report/totals.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
