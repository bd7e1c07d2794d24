import { defineConfig } from 'vitest/config'

// The operator's procedures on real nodes.
export default defineConfig({
  test: {
    include: ['test/real/{disaster,l1,migrate,switchover}.test.ts'],
    reporters: ['verbose', './test/report/totals.ts'],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 600_000,
    retry: 1,
  },
})
