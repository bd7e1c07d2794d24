import { setTimeout as sleep } from 'node:timers/promises'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { installed, type Visit, visit } from '../browse.ts'

let visited: Visit
let page: Page

/** Unfolds a group of procedures, and gives one of its forms. */
async function form(group: string, procedure: string): Promise<Locator> {
  const folded = page.locator(`details[data-key="${group}"]`)
  if ((await folded.getAttribute('open')) === null) await folded.locator('summary').click()
  return page.locator(`form[data-procedure="${procedure}"]`)
}

const dialog = () => page.locator('#planned')
const refusal = () => page.locator('#refused').textContent()
const leave = () => dialog().getByRole('button', { name: 'Cancel' }).click()
const run = () => page.locator('section.run')

/** Shows the plan of a procedure; returns its words. */
async function plan(of: Locator): Promise<string> {
  await of.getByRole('button', { name: 'Show the plan…' }).click()
  await dialog().waitFor({ timeout: 15_000 })
  return (await page.locator('#plan').textContent()) ?? ''
}

/** Presses a button and says yes: of an act, or for a node of the folded rehearsal. */
async function act(name: string, node?: string): Promise<void> {
  const rehearsal = page.locator('section.rehearsal')
  if (node !== undefined && !(await rehearsal.locator('table').isVisible())) await rehearsal.locator('summary').click()
  const place = node === undefined ? page.locator('section.controls') : rehearsal.locator(`tr[data-key="${node}"]`)
  await place.getByRole('button', { name, exact: true }).click()
  await yes()
}

const yes = () => page.locator('#yes').click()

async function picture(name: string): Promise<void> {
  if (process.env.BATON_PICTURES)
    await page.screenshot({ path: `${process.env.BATON_PICTURES}/${name}.png`, fullPage: true })
}

/** What the page knows, as data. */
async function state() {
  return (await (await fetch(new URL('/state.json', visited.local.page.url))).json()) as {
    view: {
      head: { number: string; hash: string; leader: string; term: number }
      lease: { mode: string; quarantine: Record<string, { why: string }> }
    }
    history: { what: string; actor: { name: string } }[]
  }
}

describe.skipIf(!installed)('procedures in a browser', () => {
  beforeAll(async () => {
    visited = await visit('--block-time', '1000')
    page = visited.page
    await page.locator('section.nodes tr.role-leading').waitFor({ timeout: 20_000 })
  })
  afterAll(() => visited?.close())
  // What a failed test left open would be in the way of the next.
  beforeEach(async () => {
    for (const open of await page.locator('dialog[open]').all())
      if (await open.isVisible()) await page.keyboard.press('Escape')
  })

  test('what a reader unfolded and filled in survives the news', async () => {
    const upgrade = await form('upgrade', 'upgrade')
    await upgrade.getByLabel('Version').fill('v2')
    await sleep(2_500)
    expect(await upgrade.getByLabel('Version').inputValue()).toBe('v2')
    await picture('folded')
  })

  test('a rolling upgrade: its plan, then each node while it goes on, then its end', async () => {
    const upgrade = await form('upgrade', 'upgrade')
    await upgrade.getByLabel('Version').fill('v2')
    await upgrade.getByLabel('Expected text').fill('v2')
    await upgrade.getByLabel('New leader must commit for').fill('1')
    const words = await plan(upgrade)
    expect(words).toContain('1. upgrade cyd to v2 (out of eligibility first; then fit, at the head and "v2"')
    expect(words).toContain('3. move sequencing from ada to bob')
    await picture('upgrade-plan')
    expect((await state()).history.some(({ what }) => what.startsWith('upgrade'))).toBe(false)
    await page.locator('#begin').click()
    await run().locator('li.under-way', { hasText: 'upgrade cyd to v2' }).waitFor({ timeout: 10_000 })
    expect(await run().locator('li.left').count()).toBe(3)
    await picture('upgrade-running')
    const backfill = await form('repair', 'backfill')
    await backfill.getByLabel('Node').selectOption('bob')
    await plan(backfill)
    await page.locator('#begin').click()
    await expect.poll(refusal, { timeout: 5_000 }).toContain('only one procedure runs at a time')
    await leave()
    await run().getByText('every node is upgraded to v2').waitFor({ timeout: 60_000 })
    expect(await run().locator('li.done').count()).toBe(4)
    expect((await page.locator('.facts').allTextContents()).join()).toContain('simulated v2')
    await picture('upgrade-done')
    await run().getByRole('button', { name: 'Dismiss' }).click()
    await run().waitFor({ state: 'detached', timeout: 5_000 })
  }, 120_000)

  test('a procedure that is asked to stop does so before the next node, says where, and can be resumed', async () => {
    const upgrade = await form('upgrade', 'upgrade')
    await upgrade.getByLabel('Version').fill('v3')
    await upgrade.getByLabel('Expected text').fill('v3')
    await plan(upgrade)
    await page.locator('#begin').click()
    await run().locator('li.under-way').waitFor({ timeout: 10_000 })
    await run().getByRole('button', { name: 'Stop' }).click()
    await yes()
    await run().locator('.chip', { hasText: 'STOPPED' }).waitFor({ timeout: 20_000 })
    expect(await run().textContent()).toMatch(/stopped at \w+: asked to stop before it was touched/)
    await picture('stopped')
    await upgrade.getByLabel('Resume one that stopped (--resume)').check()
    expect(await plan(upgrade)).toMatch(/\(done\)/)
    await page.locator('#begin').click()
    await run().getByText('every node is upgraded to v3').waitFor({ timeout: 60_000 })
  }, 120_000)

  test('a node that lost its op-node is recovered, shown method by method', async () => {
    const { leader } = (await state()).view.head
    const node = ['ada', 'bob', 'cyd'].find((name) => name !== leader) ?? ''
    await act('Kill op-node', node)
    await page.locator(`section.nodes tr[data-key="${node}"]`, { hasText: 'refused' }).waitFor({ timeout: 10_000 })
    const recover = await form('repair', 'recover')
    await recover.getByLabel('Node').selectOption(node)
    expect(await plan(recover)).toContain('restart-consensus: restart its op-node')
    await page.locator('#begin').click()
    await run().getByText('restart-consensus: restart its op-node …').first().waitFor({ timeout: 30_000 })
    await picture('recovering')
    await run().getByText('recovered in').waitFor({ timeout: 30_000 })
    await expect.poll(async () => (await state()).view.lease.quarantine, { timeout: 5_000 }).toEqual({})
  }, 90_000)

  test('a node that was cut off is given the blocks it lacks', async () => {
    const { leader } = (await state()).view.head
    const node = ['ada', 'bob', 'cyd'].find((name) => name !== leader) ?? ''
    await act('Cut from peers', node)
    await sleep(3_500)
    const backfill = await form('repair', 'backfill')
    await backfill.getByLabel('Node').selectOption(node)
    expect(await plan(backfill)).toMatch(/to plug +\d+(–\d+)? \(\d+\), oldest first/)
    await page.locator('#begin').click()
    await run()
      .getByText(/\d+ blocks plugged in/)
      .waitFor({ timeout: 30_000 })
    await act('Heal', node)
  }, 60_000)

  test('an act of a disaster wants the hash; a wrong one is refused, and nothing is changed', async () => {
    const override = await form('disaster', 'override')
    await override.getByLabel('Node').selectOption('cyd')
    const words = await plan(override)
    expect(words).toContain('head: block ')
    expect(words).toContain('stop every other sequencer')
    await picture('override-plan')
    await page.locator('#begin').click()
    await expect.poll(refusal).toContain('hash')
    const before = await state()
    await page.locator('#hash').fill(`0x${'ab'.repeat(32)}`)
    await page.locator('#begin').click()
    await expect.poll(refusal, { timeout: 10_000 }).toContain('is not the committed head')
    await picture('override-refused')
    const after = await state()
    expect(after.view.lease.mode).toBe('auto')
    expect(after.view.head.term).toBe(before.view.head.term)
    expect(after.history.length).toBe(before.history.length)
    await leave()
  }, 60_000)

  test('override, blocks without commits, and the way back', async () => {
    await act('Pause Baton')
    await page.locator('.notice', { hasText: 'Paused' }).waitFor({ timeout: 5_000 })
    // A leader that is gone: the head stands still, so that a person can type its hash.
    const { leader } = (await state()).view.head
    await act('Kill op-node', leader)
    await sleep(2_000)
    const node = ['ada', 'bob', 'cyd'].find((name) => name !== leader) ?? ''
    const override = await form('disaster', 'override')
    await override.getByLabel('Node').selectOption(node)
    await plan(override)
    const head = (await state()).view.head
    await page.locator('#hash').fill(head.hash)
    await page.locator('#begin').click()
    await run().getByText(`${node} publishes without commits`).waitFor({ timeout: 20_000 })
    await sleep(3_500)
    expect((await state()).view.head.number).toBe(head.number)
    await picture('overridden')

    const back = await form('disaster', 'return')
    await back.getByLabel('Node').selectOption(node)
    await plan(back)
    await page.locator('#hash').fill(head.hash)
    await page.locator('#begin').click()
    await run().getByText('blocks adopted, the head is').waitFor({ timeout: 20_000 })
    await expect
      .poll(async () => Number((await state()).view.head.number), { timeout: 20_000 })
      .toBeGreaterThan(Number(head.number) + 4)
    const { history } = await state()
    expect(history.find(({ what }) => what === 'override')?.actor.name).toBe('grace')
    expect(history.some(({ what }) => what === 'return')).toBe(true)
    await picture('returned')
  }, 90_000)
})
