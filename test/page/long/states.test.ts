import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { installed, openBrowser } from '../browse.ts'
import { examine, looks } from '../looks.ts'
import { states } from '../states.ts'

let browser: Browser
beforeAll(async () => {
  if (installed) browser = await openBrowser()
})
afterAll(() => browser?.close())

describe.skipIf(!installed)('every state, on every screen', () => {
  test.each(Object.keys(states))('%s: can be used by all, and fits', { timeout: 240_000 }, async (name) => {
    await examine(browser, name, looks)
  })
})
