import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installed, type Visit, visit } from './browse.ts'

let visited: Visit
let page: Page

/** Presses a button and says yes to what the page asks. */
async function act(name: string, row?: string): Promise<void> {
  const controls = page.locator('section.controls')
  const place = row === undefined ? controls : controls.locator(`tr[data-key="${row}"]`)
  await place.getByRole('button', { name, exact: true }).click()
  await page.locator('#yes').click()
}

/** Breaks a simulated node: the rehearsal is folded. */
async function rehearse(name: string, node: string): Promise<void> {
  const rehearsal = page.locator('section.rehearsal')
  if (!(await rehearsal.locator('table').isVisible())) await rehearsal.locator('summary').click()
  await rehearsal.locator(`tr[data-key="${node}"]`).getByRole('button', { name, exact: true }).click()
  await page.locator('#yes').click()
}

/** The node that leads, as the page shows it. */
async function leader(): Promise<string> {
  const row = page.locator('section.nodes tr.role-leading')
  await row.first().waitFor({ timeout: 20_000 })
  return (await row.first().getAttribute('data-key')) ?? ''
}

describe.skipIf(!installed)('page in a browser', () => {
  beforeAll(async () => {
    visited = await visit('--block-time', '1000')
    page = visited.page
  })

  afterAll(() => visited?.close())

  test('default: the chain is alive and the page keeps up with it', async () => {
    const head = () => page.locator('dl.facts dd b').first().textContent()
    expect(await leader()).not.toBe('')
    const first = Number(await head())
    await expect.poll(async () => Number(await head()), { timeout: 10_000 }).toBeGreaterThan(first + 1)
    expect(await page.locator('#lost').isVisible()).toBe(false)
  })

  test('behavior: a killed leader is replaced, and the page says by whom and why', async () => {
    const before = await leader()
    if (process.env.BATON_SCREENSHOT) await sleep(15_000)
    await rehearse('Kill op-node', before)
    await expect.poll(leader, { timeout: 20_000 }).not.toBe(before)
    const after = await leader()
    await page.locator('h1', { hasText: `${after} sequences` }).waitFor({ timeout: 10_000 })
    await expect
      .poll(() => page.locator('p.why').textContent(), { timeout: 10_000 })
      .toContain(`${before}: the consensus client refuses connections`)
    expect(await page.locator(`section.rehearsal tr[data-key="${before}"]`).textContent()).toContain('op-node dead')
    expect(await page.locator('section.history').textContent()).toContain('grant')
    await sleep(process.env.BATON_SCREENSHOT ? 6_000 : 1_000)
    const picture = process.env.BATON_SCREENSHOT
      ? fileURLToPath(new URL('../../docs/page.png', import.meta.url))
      : join(visited.folder, 'page.png')
    mkdirSync(dirname(picture), { recursive: true })
    const card = page.locator('details.move', { hasText: `${after} took over from ${before}` })
    expect(await card.locator('tbody th').allTextContents()).toEqual(
      expect.arrayContaining(['Last block', 'First sign', 'Decision', 'Grant', 'Fence', 'Start', 'First block']),
    )
    const report = card.getByRole('link', { name: 'Save the incident report' })
    const saved = page.waitForEvent('download')
    await report.click()
    expect((await saved).suggestedFilename()).toMatch(/^baton-term-\d+\.md$/)
    // The page moves while it lives: where the card is now is what is taken.
    await page.evaluate('scrollTo(0, 0)')
    const clip = await card.boundingBox()
    await page.screenshot({ path: picture, fullPage: true, ...(clip && { clip }) })
  }, 120_000)

  test('behavior: a pause is asked about, and a no changes nothing', async () => {
    await page.locator('section.controls').getByRole('button', { name: 'Pause Baton' }).click()
    expect(await page.locator('#yes').textContent()).toBe('Pause Baton')
    await page.getByRole('button', { name: 'Cancel' }).click()
    await sleep(1_500)
    expect(await page.locator('.notice', { hasText: 'Paused' }).count()).toBe(0)
    await act('Pause Baton')
    await page.locator('.notice', { hasText: 'Paused' }).waitFor({ timeout: 5_000 })
    await act('Resume Baton')
    await page.locator('.notice', { hasText: 'Paused' }).waitFor({ state: 'detached', timeout: 5_000 })
  })

  test('behavior: the token leaves the address and outlives a reload; a page opened without it only shows', async () => {
    expect(new URL(page.url()).hash).toBe('')
    await page.reload()
    await act('Pause Baton')
    await page.locator('.notice', { hasText: 'Paused' }).waitFor({ timeout: 5_000 })
    await act('Resume Baton')
    await page.locator('.notice', { hasText: 'Paused' }).waitFor({ state: 'detached', timeout: 5_000 })
    const other = await page.context().browser()?.newPage()
    if (!other) throw new Error('no browser')
    await other.goto(new URL(visited.local.page.url).origin)
    await other.locator('#shows-only', { hasText: 'open the address that “baton start” printed' }).waitFor()
    expect(await other.locator('section.controls button:enabled').count()).toBe(0)
    expect(await page.locator('.notice', { hasText: 'Paused' }).count()).toBe(0)
    await other.goto(visited.local.page.url)
    await other.locator('section.controls').getByRole('button', { name: 'Pause Baton' }).click()
    await other.locator('#yes').click()
    await page.locator('.notice', { hasText: 'Paused' }).waitFor({ timeout: 5_000 })
    await act('Resume Baton')
    await page.locator('.notice', { hasText: 'Paused' }).waitFor({ state: 'detached', timeout: 5_000 })
    await other.close()
  }, 40_000)

  test('behavior: scroll, focus and selection survive the news', async () => {
    const blocks = page.locator('section.blocks .tall')
    type Scrolled = { scrollTop: number; scrollHeight: number; clientHeight: number }
    const hidden = () => blocks.evaluate(({ scrollHeight, clientHeight }: Scrolled) => scrollHeight - clientHeight)
    await expect.poll(hidden, { timeout: 20_000 }).toBeGreaterThan(60)
    await blocks.focus()
    await blocks.evaluate((element: Scrolled) => {
      element.scrollTop = 40
    })
    await sleep(2_500)
    expect(await page.locator('section.blocks .tall:focus').count()).toBe(1)
    expect(await blocks.evaluate((element: Scrolled) => element.scrollTop)).toBeGreaterThan(0)
  }, 40_000)

  test('behavior: a page without its server says so', async () => {
    visited.process.kill('SIGTERM')
    await page.locator('#lost').waitFor({ state: 'visible', timeout: 10_000 })
    expect(await page.locator('#lost').textContent()).toContain('No news from Baton')
    expect(await page.title()).toMatch(/^NO NEWS: /)
    expect(await page.locator('#state button:enabled').count()).toBe(0)
  })
})
