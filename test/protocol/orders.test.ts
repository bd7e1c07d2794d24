import { describe, expect, test } from 'vitest'
import { setMode } from '../../lib/protocol/control.ts'
import { grant, renew } from '../../lib/protocol/grant.ts'
import { judgeOrder, latestFor, latestOf, type Order, refusedWhile } from '../../lib/protocol/orders.ts'
import { OVERRIDDEN } from '../../lib/protocol/quarantine.ts'
import type { Lease, Switchover } from '../../lib/protocol/records.ts'
import { evaluate } from '../../lib/protocol/write.ts'
import { brief, decideScene, lease, type Scene, T } from './scene.ts'

const dead = { cl: 'refused', el: 'refused', samples: 2 } as const
const asked: Switchover = { id: 's', to: 'c', notBefore: 0, by: 'ann', force: false, askedAt: T, latest: T + 60_000 }
const scheduled: Switchover = { ...asked, askedAt: T - 14_000, notBefore: T, latest: T + 60_000 }
const overridden = { b: { since: T - 9_000, why: OVERRIDDEN, by: 'ann' } }

const acts = (scene: Scene) => {
  const { acts, why, page } = brief(decideScene(scene))
  return `${acts || '-'} | ${why.split(', ')[0]}${page ? ` | page ${page.split(', ')[0]}` : ''}`
}

describe('a later order binds an earlier one', () => {
  test.each<[string, Scene, string]>([
    [
      'scheduled, then a pause: dropped when its time comes',
      { lease: { mode: 'paused', modeOrder: 5, switchover: { ...scheduled, order: 4 } } },
      'refuse-switchover | switchover-refused',
    ],
    [
      'scheduled, then pinned: dropped',
      { lease: { mode: 'hold', modeOrder: 5, switchover: { ...scheduled, order: 4 } } },
      'refuse-switchover | switchover-refused',
    ],
    [
      'asked for in the pause: carried out',
      { lease: { mode: 'paused', modeOrder: 5, switchover: { ...asked, order: 6 } } },
      'grant c | switchover',
    ],
    [
      'scheduled in the pause: carried out at its time',
      { lease: { mode: 'paused', modeOrder: 5, switchover: { ...scheduled, order: 6 } } },
      'grant c | switchover',
    ],
    [
      'a record without numbers, scheduled for after the pause began: dropped',
      {
        lease: {
          mode: 'paused',
          modeAt: T - 1_000,
          switchover: { id: 's', to: 'c', notBefore: T, by: 'ann', force: false },
        },
      },
      'refuse-switchover | switchover-refused',
    ],
    [
      'before the first grant, too',
      {
        head: { leader: '', committedTerm: 0 },
        lease: { leader: '', mode: 'paused', modeOrder: 5, switchover: { ...scheduled, order: 4 } },
      },
      'refuse-switchover | switchover-refused',
    ],
  ])('%s', (_, scene, expected) => expect(acts(scene)).toBe(expected))

  test.each<[Lease['mode'], boolean]>([
    ['paused', true],
    ['hold', true],
    ['auto', false],
  ])('an order of %s withdraws the switchover that waits in the same write: %s', (mode, withdrawn) => {
    const { remove = [], set } = setMode(lease({ switchover: scheduled, orders: 4 }), mode, 'bob', T)
    expect(remove.includes('switchover')).toBe(withdrawn)
    expect(set).toMatchObject({ mode, modeOrder: 5, orders: 5 })
  })
})

describe('an order has an end', () => {
  test.each<[string, Partial<Switchover>, number, string]>([
    ['a minute late', { notBefore: T, askedAt: T - 14_000 }, 60_500, 'refuse-switchover'],
    ['half a minute late', { notBefore: T, askedAt: T - 14_000 }, 30_000, 'grant c'],
    ['asked for now, hours without a monitor', { notBefore: 0, askedAt: T }, 7_200_000, 'refuse-switchover'],
    ['asked for now', { notBefore: 0, askedAt: T }, 500, 'grant c'],
  ])('%s: %j after %d ms', (_, times, after, expected) => {
    const { notBefore = 0, askedAt = 0 } = times
    const switchover = { ...asked, ...times, latest: latestFor(askedAt, notBefore) }
    const now = T + after
    // The leader commits all the while: only the order is late.
    const scene: Scene = {
      after: 500,
      head: { committedAt: now - 500, timestamp: BigInt(Math.floor((now - 500) / 1_000)) },
      lease: { switchover, renewedAt: now, expiresAt: now + 6_000 },
      view: { now, headSeenAt: now - 500 },
    }
    expect(brief(decideScene(scene)).acts).toBe(expected)
  })

  test('one without a latest time (an earlier version) ends a minute after its time, or never if it had none', () => {
    expect(latestOf({ notBefore: 5 })).toBe(60_005)
    expect(latestOf({ notBefore: 0 })).toBe(Number.POSITIVE_INFINITY)
  })

  test('a scheduled one does not begin while a page stands; one asked for now does', () => {
    const forked: Scene = { b: { at: { number: 100n, hash: `0x${'f'.repeat(64)}` } } }
    expect(acts({ ...forked, lease: { switchover: scheduled } })).toBe('- | committing | page forked')
    expect(acts({ ...forked, lease: { switchover: asked } })).toBe('grant c | switchover | page forked')
  })
})

describe('while a node publishes without commits', () => {
  test.each<[string, Scene, string]>([
    ['no first grant', { head: { leader: '', committedTerm: 0 }, lease: { leader: '' } }, '- | overridden'],
    ['no switchover', { lease: { switchover: asked } }, '- | overridden'],
    ['no failover', { after: 9_000, a: dead }, '- | overridden'],
    ['a leader that commits keeps its lease', { lease: { renewedAt: T - 2_000 } }, 'renew | overridden'],
    ['paused', { head: { leader: '' }, lease: { leader: '', mode: 'paused' } }, '- | overridden'],
  ])('%s', (_, scene, expected) =>
    expect(acts({ ...scene, lease: { ...scene.lease, quarantine: overridden } })).toBe(`${expected} | page overridden`),
  )

  test.each<[Order, string | undefined, boolean]>([
    ['resume', undefined, true],
    ['hold', undefined, true],
    ['switchover', 'c', true],
    ['cold-start', 'c', true],
    ['upgrade', undefined, true],
    ['recover', 'c', true],
    ['pause', undefined, false],
    ['re-seed', undefined, false],
    ['override', 'b', false],
    ['override', 'c', true],
    ['return', 'b', false],
    ['return', 'c', true],
  ])('%s %s: refused %s', (order, node, refused) => {
    const refusal = judgeOrder(order, lease({ quarantine: overridden }), node)
    expect(refusal !== undefined).toBe(refused)
    if (refused) expect(refusal?.remedy).toContain('baton disaster return --node b')
  })

  test('nothing is refused where nothing is in force', () => {
    for (const order of Object.keys(refusedWhile) as Order[]) expect(judgeOrder(order, lease(), 'b')).toBeUndefined()
  })
})

describe('paused', () => {
  const byOrder = {
    cause: { code: 'switchover', by: 'ann' },
    previousLeader: 'a',
    grantedAt: T,
    modeAt: T - 9_000,
  } as const
  test.each<[string, Scene, string]>([
    ['the leader’s sequencer is off: paged for', { a: { sequencing: false } }, '- | paused | page paused'],
    [
      'what a switchover ordered in the pause left sequencing is stopped',
      {
        head: { leader: 'b', term: 4, committedTerm: 4 },
        lease: { leader: 'b', term: 4, ...byOrder },
        a: { sequencing: true },
        b: { sequencing: true },
      },
      'stop a | committing',
    ],
    [
      'a sequencer that the order did not move is left alone',
      {
        head: { leader: 'b', term: 4, committedTerm: 4 },
        lease: { leader: 'b', term: 4, ...byOrder },
        a: { sequencing: false },
        b: { sequencing: true },
        c: { sequencing: true },
      },
      '- | committing',
    ],
    [
      'the target of a switchover is started: it belongs to the order',
      {
        head: { leader: 'b', term: 4, fencedAt: T + 400 },
        lease: { leader: 'b', term: 4, ...byOrder },
      },
      'start b | not-sequencing',
    ],
    [
      'the target of an automatic grant is not',
      {
        head: { leader: 'b', term: 4, fencedAt: T + 400 },
        lease: { leader: 'b', term: 4, ...byOrder, cause: { code: 'consensus-refused', by: 'baton' } },
      },
      '- | paused | page paused',
    ],
    [
      'no node leads and none is granted: paged for',
      { head: { leader: '' }, lease: { leader: '' } },
      '- | paused | page paused',
    ],
  ])('%s', (_, scene, expected) => expect(acts({ ...scene, lease: { mode: 'paused', ...scene.lease } })).toBe(expected))

  describe('which came first, the pause or the switchover, is a matter of their numbers and not of two clocks', () => {
    const left = (changes: Partial<Lease>): Scene => ({
      head: { leader: 'b', term: 4, committedTerm: 4 },
      lease: { leader: 'b', term: 4, ...byOrder, mode: 'paused', ...changes },
      a: { sequencing: true },
      b: { sequencing: true },
    })
    const clocks = [-600_000, -2_000, -1, 0, 1, 2_000, 600_000]
    const codes = ['switchover', 'rolled-back'] as const
    const cases = codes.flatMap((code) => clocks.map((aheadMs) => [code, aheadMs] as const))
    test.each(cases)('%s, granted by a clock %i ms ahead', (code, aheadMs) => {
      const grantedAt = T + aheadMs
      const ordered = (order: number, modeOrder: number) =>
        acts(left({ cause: { code, by: 'ann', order }, grantedAt, modeAt: T, modeOrder }))
      expect(ordered(8, 7)).toBe('stop a | committing')
      expect(ordered(8, 9)).toBe('- | committing')
    })

    test.each(codes)('%s of an earlier version has no number: clocks of one fleet differ by seconds', (code) => {
      const cause = { code, by: 'ann' } as const
      expect(acts(left({ cause, modeAt: T + 2_000 }))).toBe('stop a | committing')
      expect(acts(left({ cause, modeAt: T + 60_000 }))).toBe('- | committing')
    })

    test('a grant and its way back name the number of the order', () => {
      const switchover = { id: 's', to: 'b', notBefore: 0, by: 'ann', force: false, order: 8 }
      expect(decideScene({ lease: { mode: 'paused', modeOrder: 7, switchover } }).commands[0]).toMatchObject({
        grant: { to: 'b', cause: { code: 'switchover', order: 8 } },
      })
      const cause = { code: 'switchover', by: 'ann', id: 's', order: 8 } as const
      expect(
        decideScene({
          after: 9_000,
          lease: { leader: 'c', term: 4, previousLeader: 'a', cause, mode: 'paused', modeOrder: 7 },
          head: { leader: 'c', term: 4, fencedAt: T + 100 },
          c: { sequencing: true },
          view: { headSeenAt: T + 100 },
        }).commands[0],
      ).toMatchObject({ grant: { to: 'a', cause: { code: 'rolled-back', id: 's', order: 8 } } })
    })
  })
})

describe('the way back from a switchover belongs to the operator; whatever follows is Baton’s own', () => {
  const failing = (cause: 'switchover' | 'rolled-back', changes: Partial<Lease> = {}): Scene => ({
    after: 9_000,
    lease: { leader: 'c', term: 4, previousLeader: 'a', cause: { code: cause, by: 'ann' }, ...changes },
    head: { leader: 'c', term: 4, fencedAt: T + 100 },
    c: { sequencing: true },
    view: { headSeenAt: T + 100 },
  })
  test.each<[string, Scene, string]>([
    ['back, even while paused', failing('switchover', { mode: 'paused' }), 'grant a | rolled-back'],
    [
      'back to one that is never chosen automatically: the operator moved from there',
      { ...failing('switchover'), nodes: [{ noFailover: true }] },
      'grant a | rolled-back',
    ],
    [
      'not back to one that a person quarantined meanwhile',
      failing('switchover', { quarantine: { a: { since: T, why: 'disk', by: 'ann' } } }),
      'grant b | no-first-commit',
    ],
    [
      'not further to one that is never chosen automatically',
      { ...failing('rolled-back'), nodes: [{ noFailover: true }] },
      'grant b | no-first-commit',
    ],
    ['not further while paused', failing('rolled-back', { mode: 'paused' }), '- | paused | page paused'],
    [
      'not further in a cool-down',
      failing('rolled-back', { cooldownUntil: T + 50_000 }),
      '- | cooldown | page cooldown',
    ],
    [
      'not further without budget',
      failing('rolled-back', { grants: Array(12).fill(T) }),
      '- | budget-used | page budget-used',
    ],
    [
      'all tried: a cool-down and a page',
      failing('rolled-back', { tried: ['a', 'b'] }),
      'cool-down | all-failed | page all-failed',
    ],
  ])('%s', (_, scene, expected) => expect(acts(scene)).toBe(expected))
})

describe('a write decided from old data does not apply', () => {
  const before = lease()
  const renewed = { ...before, renewedAt: T + 30_000, expiresAt: T + 36_000 }
  const to = {
    to: 'b',
    cause: { code: 'stalled', by: 'baton' },
    overLease: true,
    sameRound: false,
    leaseMs: 6_000,
  } as const
  test.each([
    ['an automatic grant', grant(before, { ...to, automatic: true }, T)],
    ['a renewal', renew(before, 6_000, T)],
  ])('%s over a lease that was renewed since', (_, { when }) => {
    expect(evaluate(when, before)).toBe(true)
    expect(evaluate(when, renewed)).toBe(false)
  })
  test('a switchover does: its leader is renewed all the time', () => {
    expect(evaluate(grant(before, { ...to, automatic: false }, T).when, renewed)).toBe(true)
  })
})
