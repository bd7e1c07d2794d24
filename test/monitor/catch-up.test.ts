import { expect, test } from 'vitest'
import { virtualFleet } from './virtual-fleet.ts'

/** How long the chain is watched once the last node that had the head is gone (ms). */
const WATCHED_MS = 40_000

test.each([
  [60, 90],
  [120, 60],
  [150, 60],
])(
  'the only standbys are %i blocks behind: one failover, though they take %i ms a block',
  async (blocks, executionMs) => {
    const fleet = virtualFleet({ alone: ['bob', 'cyd'], executionMs })
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
    const records = (await fleet.ports.history.list('901', { limit: 500 })).filter(({ at }) => at > began)
    const [start] = records.filter(({ what }) => what === 'start')
    // Longer than a node has for its first commit.
    expect(start?.reasons[0]).toMatchObject({ code: 'started', node: 'bob' })
    expect(start?.reasons[0]?.evidence.ms).toBeGreaterThan(fleet.ports.policy.verifyMs)
    expect(records.filter(({ what }) => what === 'grant').map(({ node }) => node)).toEqual(['bob'])
    expect([...pages]).not.toContain('no-first-commit')
    expect(await fleet.ports.heads.read('901')).toMatchObject({ leader: 'bob', term: 2, committedTerm: 2 })
    fleet.halt()
  },
)
