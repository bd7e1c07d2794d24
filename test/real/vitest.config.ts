import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/real/**/*.test.ts'],
    // Runs of their own: test:recovery, test:kills, test:runbooks.
    exclude: ['test/real/recovery*.test.ts', 'test/real/{disaster,l1,migrate,switchover}.test.ts'],
    reporters: ['verbose', './test/report/totals.ts'],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 600_000,
    retry: 1,
  },
})
