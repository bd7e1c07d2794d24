import { defineConfig } from 'vitest/config'

// Its own run: a state that is lost, found out and made anew takes its time. KILLS sets how many kills.
export default defineConfig({
  test: {
    include: ['test/real/recovery*.test.ts'],
    reporters: ['verbose', './test/report/totals.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 600_000,
    retry: 1,
  },
})
