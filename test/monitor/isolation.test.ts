import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Stage, setStage } from './stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await setStage({ blockTimeMs: 1_000 })
})
afterEach(() => stage.close())

test('a leader without peers: paged for, replaced once, no node called damaged; no block is lost', {
  timeout: 60_000,
}, async () => {
  const paged = new Set<string>()
  const damaged = new Set<string>()
  stage.monitor('monitor', {
    onTick: ({ decision }) => {
      for (const { code, node } of decision.page) paged.add(`${code} ${node}`)
      for (const { node, damage } of decision.verdicts) if (damage) damaged.add(node)
    },
  })
  await stage.leads((leader) => leader === 'ada')
  const from = stage.committed.length
  await stage.until('two blocks', () => stage.committed.length >= from + 2)
  stage.chain.node('ada').isolate()
  expect(await stage.leads((leader) => leader !== 'ada')).toBe('bob')
  await stage.until('five of bob', () => stage.committed.filter(({ node }) => node === 'bob').length >= 5, 20_000)
  expect((await stage.ports.leases.read('901'))?.leader).toBe('bob')
  // Reported before and after the move: it is ada whose network needs attention.
  await stage.until('a page about ada', () => [...paged].some((page) => page.endsWith(' ada')))
  const grants = (await stage.ports.history.list('901')).filter(({ what }) => what === 'grant')
  expect(grants.map(({ node }) => node)).toEqual(['bob', 'ada'])
  expect(grants[0]?.reasons[0]).toMatchObject({ code: 'isolated', node: 'ada' })
  expect([...damaged]).toEqual([])
  const numbers = stage.committed.map(({ number }) => number)
  expect(numbers).toEqual(numbers.map((_, i) => (numbers[0] ?? 0n) + BigInt(i)))
})
