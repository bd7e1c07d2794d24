import { configDefaults, defineConfig } from 'vitest/config'

/** Rooms whose tests run processes, sockets and clocks: a machine that stands still for a second makes them fail. */
export const clocked =
  '{backfill,builder,chain,cli,conductor,disaster,gate,lambdas,monitor,page,resequence,security,serve,simulator,store}'

/** A property needs no clock: a counterexample is one on any machine. */
const tests = {
  clock: `test/${clocked}/**/!(*.property).test.ts`,
  all: 'test/**/*.test.ts',
}

export const elsewhere = [...configDefaults.exclude, 'test/{aws,real,bench}/**', 'test/*/long/**']

export default defineConfig({
  test: {
    reporters: ['default', './test/report/totals.ts'],
    testTimeout: 40_000,
    hookTimeout: 30_000,
    // One worker a core, not one less.
    maxWorkers: 2,
    projects: [
      // One group after the other: what takes all of a core would starve what is on a clock.
      {
        extends: true,
        test: {
          name: 'logic',
          include: [tests.all],
          exclude: [...elsewhere, tests.clock],
          sequence: { groupOrder: 0 },
          // What needs no clock proves the same on a slow machine.
          testTimeout: 240_000,
          hookTimeout: 240_000,
          // Its files change nothing that others see. They share what takes long to load (CDK) and to make (templates).
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'clock',
          include: [tests.clock],
          exclude: elsewhere,
          sequence: { groupOrder: 1 },
          // Nearly all of the time goes by waiting for blocks.
          maxWorkers: 4,
        },
      },
    ],
  },
})
