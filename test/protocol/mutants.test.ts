import { describe, expect, test } from 'vitest'
import { isSteady } from '../../lib/monitor/tick.ts'
import { dropSwitchover } from '../../lib/protocol/control.ts'
import { decide } from '../../lib/protocol/decide.ts'
import { quorumOf } from '../../lib/protocol/follow-l1.ts'
import { followHead, grant } from '../../lib/protocol/grant.ts'
import type { Lease } from '../../lib/protocol/records.ts'
import { applied } from '../../lib/protocol/write.ts'
import { brief, decideScene, hashOf, known, l2, lease, T, view } from './scene.ts'

/** Lines that once could be changed without a test that noticed (docs/simulation.md). */
describe('a line that nothing else holds', () => {
  test.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 3],
  ])('of %d nodes %d are a quorum: more than half', (nodes, quorum) => {
    expect(quorumOf(Array(nodes).fill('node'))).toBe(quorum)
  })

  test('automatic moves are counted, one after the other, until the budget is used', () => {
    let at = lease({ grants: [] })
    for (let moves = 1; moves <= 12; moves++) {
      const to = { to: moves % 2 ? 'b' : 'a', cause: { code: 'stalled', by: 'baton' }, automatic: true } as const
      const write = grant(at, { ...to, overLease: true, sameRound: false, leaseMs: 6_000 }, T + moves)
      at = applied(write, at) as Lease
      expect(at.grants).toHaveLength(moves)
    }
    const dead = { cl: 'refused', el: 'refused', samples: 2 } as const
    const scene = { after: 9_000, a: dead, lease: { grants: at.grants } }
    expect(brief(decideScene(scene)).why).toContain('budget-used')
    expect(brief(decideScene({ ...scene, lease: { grants: at.grants.slice(1) } })).acts).toBe('grant b')
  })

  test('a refused or withdrawn switchover counts as an order: a grant decided for it before does not apply', () => {
    const asked = lease({ switchover: { id: 's', notBefore: 0, by: 'ann', force: false }, orders: 4 })
    expect(dropSwitchover(asked, { outcome: 'withdrawn', by: 'ann' }).set.orders).toBe(5)
  })

  test('the lag of a node is that of the client that is further behind', () => {
    const behind = known('b', { at: l2(100n) }, T + 500)
    const { execution } = behind.observation
    if (!execution.ok) throw new Error('it answers')
    const latest = { number: 40n, hash: hashOf(40n) }
    const observation = { ...behind.observation, execution: { ...execution, value: { ...execution.value, latest } } }
    const scene = view({ policy: { maxLag: 50n } })
    const { verdicts } = decide({ ...scene, observed: { ...scene.observed, b: { ...behind, observation } } })
    expect(verdicts.find(({ node }) => node === 'b')).toMatchObject({ lag: 60n, eligible: false })
  })

  test('a lease that follows the head names the leader of the head', () => {
    const followed = applied(followHead(lease(), { leader: 'c', term: 7 }, T), lease())
    expect(followed).toMatchObject({ leader: 'c', term: 7, previousLeader: 'a' })
  })

  test('no turn is calm while a switchover waits', () => {
    const waiting = view({ lease: { switchover: { id: 's', notBefore: T + 60_000, by: 'ann', force: false } } })
    expect(isSteady(waiting, { ...decide(waiting), condition: 'ok' })).toBe(false)
    expect(isSteady(view(), decide(view()))).toBe(true)
  })
})
