import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/backfill/long/*.test.ts'],
    reporters: ['verbose', './test/report/totals.ts'],
    testTimeout: 540_000,
    hookTimeout: 60_000,
  },
})
