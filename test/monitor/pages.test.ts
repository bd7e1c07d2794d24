import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Stage, setStage } from './stage.ts'

let stage: Stage

beforeEach(async () => {
  stage = await setStage()
})
afterEach(() => stage.close())

/** The records of pages, oldest first. */
async function reported(): Promise<string[]> {
  const records = await stage.ports.history.list('901', { limit: 100 })
  return records
    .toReversed()
    .flatMap(({ what, reasons }) => (what.startsWith('page') ? [`${what} ${reasons.map(({ code }) => code)}`] : []))
}

test('a page that lasts is reported once, whichever monitor sees it, and so is its end', async () => {
  const first = stage.monitor('first')
  await stage.leads((leader) => leader === 'ada')
  for (const node of ['ada', 'bob', 'cyd']) await stage.chain.node(node).kill('host')
  await stage.until('a page', async () => (await reported()).length > 0)
  await stage.until('it stays the same', () => (first.latest()?.decision.page.length ?? 0) > 0)
  await first.kill()
  const before = await reported()

  let turns = 0
  const second = stage.monitor('second', { onTick: () => void turns++ })
  await stage.until('turns of the next monitor', () => turns > 6)
  expect(await reported()).toEqual(before)
  await second.kill()

  for (const node of ['ada', 'bob', 'cyd']) await stage.chain.node(node).start()
  stage.monitor('third')
  await stage.until('its end', async () => (await reported()).at(-1)?.startsWith('page-over') === true)
  expect((await reported()).filter((each) => each.startsWith('page-over'))).toHaveLength(1)
})
