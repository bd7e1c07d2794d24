import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/real/**/*.test.ts'],
    exclude: ['test/real/recovery*.test.ts'],
    reporters: ['verbose', './test/report/totals.ts'],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 600_000,
    bail: 0,
  },
})
