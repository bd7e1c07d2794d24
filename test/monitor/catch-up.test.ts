import { expect, test } from 'vitest'
import type { Policy } from '../../lib/protocol/policy.ts'
import { virtualFleet } from './virtual-fleet.ts'

/** How long the chain is watched once the last node that had the head is gone (ms). */
const WATCHED_MS = 40_000

/** A chain whose only standbys were away for so many blocks when its leader dies, each this slow at a block (ms). */
async function onlySlow(blocks: number, executionMs: number, more: { callMs?: number; policy?: Partial<Policy> } = {}) {
  const fleet = virtualFleet({ alone: ['bob', 'cyd'], executionMs, ...more })
  await fleet.begin()
  const end = fleet.watch()
  await fleet.run(12_000)
  for (const name of ['bob', 'cyd']) fleet.kill(name)
  await fleet.run(1_500)
  end()
  await fleet.run(blocks * 1_000)
  fleet.kill('ada')
  for (const name of ['bob', 'cyd']) fleet.boot(name)
  const began = fleet.now()
  const pages = new Set<string>()
  fleet.watch(({ decision }) => {
    for (const { code } of decision.page) pages.add(code)
  })
  await fleet.run(WATCHED_MS)
  fleet.halt()
  const records = (await fleet.ports.history.list('901', { limit: 500 })).filter(({ at }) => at > began)
  const of = (what: string) => records.filter((each) => each.what === what)
  return { policy: fleet.ports.policy, pages, of, head: await fleet.ports.heads.read('901') }
}

test.each([
  [60, 90],
  [120, 60],
  [150, 60],
  [90, 90],
  [300, 45],
])('the only standbys are %i blocks behind: one failover, though they take %i ms a block', async (blocks, each) => {
  const { policy, pages, of, head } = await onlySlow(blocks, each)
  const [start] = of('start')
  expect(start?.reasons[0]).toMatchObject({ code: 'started', node: 'bob' })
  // Longer than a node has for its first commit.
  expect(start?.reasons[0]?.evidence.ms).toBeGreaterThan(policy.verifyMs)
  expect(of('grant').map(({ node }) => node)).toEqual(['bob'])
  expect([...pages]).not.toContain('no-first-commit')
  expect(head).toMatchObject({ leader: 'bob', term: 2, committedTerm: 2 })
})

test.each([
  [200, 60, 4],
  [150, 60, 20],
  [100, 90, 2],
])(
  'as on 0.25 s slots, %i blocks behind, %i ms a block and %i ms a call: what moves is not stuck',
  async (...given) => {
    const [blocks, each, callMs] = given
    const { pages, of, head } = await onlySlow(blocks, each, { callMs, policy: { verifyMs: 2_500, stallMs: 1_000 } })
    expect(of('start').map(({ reasons }) => reasons[0]?.code)).toEqual(['started'])
    expect(of('grant').map(({ node }) => node)).toEqual(['bob'])
    expect([...pages]).not.toContain('no-first-commit')
    expect(head).toMatchObject({ leader: 'bob', term: 2, committedTerm: 2 })
  },
)

test('they take too long for a start: no page says that they refuse the last block', async () => {
  const { pages, of, head } = await onlySlow(60, 250)
  expect(of('start').some(({ reasons }) => reasons[0]?.code === 'start-failed')).toBe(true)
  expect([...pages]).not.toContain('head-unacceptable')
  expect(head?.committedTerm).toBe(head?.term)
})
