import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'
import { serve, states } from './states.ts'

/** Where the pictures go; without it none is made. */
const pictures = process.env.BATON_SCREENSHOTS
if (pictures !== undefined) mkdirSync(pictures, { recursive: true })

/** The screens people have. */
export const looks = [
  { width: 1440, height: 900, colorScheme: 'light' },
  { width: 1440, height: 900, colorScheme: 'dark' },
  { width: 1024, height: 768, colorScheme: 'light' },
  { width: 390, height: 844, colorScheme: 'light' },
  { width: 390, height: 844, colorScheme: 'dark' },
] as const

/** Only what is wrong is gathered; of a drawing only its name, of a long list its beginning: a page has thousands of parts. */
const OPTIONS = `{ exclude: [['svg > *'], ['.tall tr:nth-child(n+4)']] }, { resultTypes: ['violations'] }`

/** How far the tables of nodes and blocks reach beyond what is seen of them (px). */
const HIDDEN = `Math.max(0, ...[...document.querySelectorAll('.nodes .wide, .blocks .tall')].map((each) => each.scrollWidth - each.clientWidth))`

/** The texts of drawings that reach out of their box. */
const OUTSIDE = `[...document.querySelectorAll('.strip svg text')].filter((text) => {
  const [inner, outer] = [text.getBoundingClientRect(), text.closest('.strip').getBoundingClientRect()]
  return inner.width > 0 && (inner.left < outer.left - 1 || inner.right > outer.right + 1)
}).map((text) => text.textContent)`

/** What a person with a screen reader or a keyboard could not use. */
async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = (await page.evaluate(`axe.run(${OPTIONS})`)) as axe.AxeResults
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}

/** Opens a state on each screen: nothing serious is found there, nothing is wider than the screen; pictures if asked for. */
export async function examine(
  browser: Browser,
  name: string,
  wanted: readonly (typeof looks)[number][],
): Promise<void> {
  const shown = states[name]
  if (!shown) throw new Error(`no state ${name}`)
  const served = await serve(shown)
  try {
    for (const { width, height, colorScheme } of wanted) {
      const page = await browser.newPage({ viewport: { width, height }, colorScheme })
      await page.goto(served.url)
      await page.locator('section.rehearsal summary').click()
      const look = `${name} ${width} ${colorScheme}`
      expect([look, await faultsOf(page)]).toEqual([look, []])
      expect([look, await page.evaluate('document.scrollingElement.scrollWidth')]).toEqual([look, width])
      expect([look, await page.evaluate(OUTSIDE)]).toEqual([look, []])
      // Nothing that matters is behind a scroll bar on a laptop.
      expect([look, width < 1_000 ? 0 : await page.evaluate(HIDDEN)]).toEqual([look, 0])
      await page.locator('section.rehearsal summary').click()
      if (pictures !== undefined)
        await page.screenshot({ path: join(pictures, `${name}-${width}-${colorScheme}.png`), fullPage: true })
      await page.close()
    }
  } finally {
    await served.close()
  }
}
