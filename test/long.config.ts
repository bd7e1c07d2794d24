import { defineConfig } from 'vitest/config'

// What takes minutes without real op-nodes: drills, holes of thousands of blocks, re-sequencing end to end.
export default defineConfig({
  test: {
    include: ['test/*/long/*.test.ts'],
    reporters: ['verbose', './test/report/totals.ts'],
    testTimeout: 540_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
