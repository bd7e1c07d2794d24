import { expect, test } from 'vitest'
import { bundle, functions } from './harness/bundle.ts'

// Lambda reads and compiles all of it at every cold start; `npm run bench:bundles` prints how long that takes.
/** KiB. `operation` carries five operations, and starts when a person or an alarm asks for one. */
const most = (name: string) => (name === 'operation' ? 560 : 512)

test.each(functions)('%s is no larger than it may be', async (name) => {
  const { bytes } = await bundle(name)
  expect(bytes).toBeGreaterThan(10_000)
  expect(bytes).toBeLessThan(most(name) * 1024)
})
