import { defineConfig } from 'vitest/config'

// Real programs, each file with a devnet of its own. A devnet mostly waits for its next slot: two fit on two cores.
export default defineConfig({
  test: {
    include: ['test/real/**/*.test.ts'],
    globalSetup: './test/real/global-setup.ts',
    setupFiles: './test/real/stop-at-failure.ts',
    reporters: ['verbose', './test/report/totals.ts'],
    maxWorkers: 2,
    testTimeout: 300_000,
    hookTimeout: 600_000,
  },
})
