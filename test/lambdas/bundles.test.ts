import { expect, test } from 'vitest'
import { bundle, functions } from './harness/bundle.ts'

// Lambda reads and compiles all of it at every cold start; `npm run bench:bundles` prints how long that takes.
test.each(functions)('%s is smaller than 512 KiB', async (name) => {
  const { bytes } = await bundle(name)
  expect(bytes).toBeGreaterThan(10_000)
  expect(bytes).toBeLessThan(512 * 1024)
})
