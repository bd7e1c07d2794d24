import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { servePage } from '../../../lib/page/serve.ts'
import { installed, openBrowser } from '../browse.ts'
import { examine, looks } from '../looks.ts'
import { serve, shifted, states } from '../states.ts'

let browser: Browser
beforeAll(async () => {
  if (installed) browser = await openBrowser()
})
afterAll(() => browser?.close())

describe.skipIf(!installed)('a screen', () => {
  // Every state on every screen: test/page/long.
  test('halted: can be used by all, and fits', { timeout: 120_000 }, async () => {
    await examine(browser, 'halted', [looks[3]])
  })
})

describe.skipIf(!installed)('the state in the tab', () => {
  test.each([
    ['normal', 'seq-a sequences · Devnet 901', '#1a7f4b'],
    ['halted', 'HALTED: No blocks for', '#c02626'],
    ['paused', 'PAUSED: seq-a sequences', '#c98a00'],
    ['failover', 'MOVING: Sequencing is moving from seq-a to seq-b', '#1f5fbf'],
  ])('%s: title and icon', async (name, title, colour) => {
    const served = await serve(states[name] ?? never())
    const page = await browser.newPage()
    await page.goto(served.url)
    expect(await page.title()).toContain(title)
    expect(await page.locator('#icon').getAttribute('href')).toContain(encodeURIComponent(colour))
    await page.close()
    await served.close()
  })
})

describe.skipIf(!installed)('another process serves the page', () => {
  test('the page is loaded again, and does not look as if it could act', { timeout: 60_000 }, async () => {
    const first = await serve(states.normal ?? never())
    const page = await browser.newPage()
    await page.goto(first.url)
    await page.locator('section.controls button:enabled').first().waitFor()
    const port = Number(new URL(first.url).port)
    await first.close()
    await page.locator('#lost').waitFor({ state: 'visible' })
    expect(await page.locator('#state button:enabled').count()).toBe(0)

    const second = await serve(states.paused ?? never(), port)
    await page.locator('h1', { hasText: 'PAUSED' }).waitFor()
    await page.locator('#shows-only', { hasText: 'To act, open the address that' }).waitFor()
    expect(await page.locator('#lost').isVisible()).toBe(false)
    expect(await page.locator('#state button:enabled').count()).toBe(0)

    // With the address that the second one printed it acts, in the same tab.
    await page.goto(second.url)
    await page.locator('section.controls button:enabled').first().waitFor()
    await page.close()
    await second.close()
  })
})

describe.skipIf(!installed)('by keyboard', () => {
  test('an act is asked about, refused with Escape, and given a reason', async () => {
    const served = await serve(states.normal ?? never())
    const page = await browser.newPage()
    await page.goto(served.url)
    const button = page.getByRole('button', { name: 'Quarantine seq-b' })
    await button.focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Quarantine seq-b' })
    await dialog.waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Quarantine seq-b')

    const posted = page.waitForRequest(/acts\/quarantine/)
    await page.keyboard.press('Enter')
    await page.keyboard.type('disk nearly full')
    await page.keyboard.press('Enter')
    expect((await posted).postDataJSON()).toEqual({ node: 'seq-b', why: 'disk nearly full' })
    await page.locator('#said', { hasText: 'done' }).waitFor()
    await page.close()
    await served.close()
  })

  test('a change of state is announced once, not each second', { timeout: 60_000 }, async () => {
    let shown = states.normal ?? never()
    let changed = () => {}
    const subscribe = (call: () => void) => {
      changed = call
      return () => {}
    }
    const served = await servePage({ port: 0, snapshot: () => shifted(shown.snapshot, Date.now()), subscribe })
    const page = await browser.newPage()
    await page.goto(served.url)
    const said = page.locator('#announce')
    expect(await said.textContent()).toBe('')
    shown = states.halted ?? never()
    changed()
    await expect.poll(() => said.textContent()).toContain('HALTED. No blocks for')
    const first = await said.textContent()
    await page.waitForTimeout(2_500)
    expect(await said.textContent()).toBe(first)
    await page.close()
    await served.close()
  })
})

function never(): never {
  throw new Error('no such state')
}
