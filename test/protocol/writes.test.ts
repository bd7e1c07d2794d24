import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { commit, judgeRefusal } from '../../lib/protocol/commit.ts'
import { fence, grant, renew } from '../../lib/protocol/grant.ts'
import { type Reason, reason, reasonTexts, renderReason } from '../../lib/protocol/reason.ts'
import { absent, all, any, below, equals, evaluate } from '../../lib/protocol/write.ts'
import { hashOf, head, l2, lease, T } from './scene.ts'

const place = { payload: new Uint8Array([1]) }

describe('commit', () => {
  test('the child of the head by its leader is written, and nothing of the clock is asked', () => {
    const write = commit('a', l2(101n), place, T)
    expect(evaluate(write.when, head())).toBe(true)
    expect(JSON.stringify(write.when, (_, v) => (typeof v === 'bigint' ? `${v}` : v))).not.toMatch(/At"/)
  })

  test.each([
    ['other leader', 'b', l2(101n), { outcome: 'not-leader', leader: 'a', term: 3 }],
    ['same block again', 'a', l2(100n), { outcome: 'repeated' }],
    ['same block by another node', 'b', l2(100n), { outcome: 'not-leader', leader: 'a', term: 3 }],
    [
      'another block at the head',
      'a',
      l2(100n, 1),
      { outcome: 'conflict', head: { number: 100n, hash: hashOf(100n) } },
    ],
    ['a block below the head', 'a', l2(95n), { outcome: 'conflict', head: { number: 100n, hash: hashOf(100n) } }],
    [
      'a child of another parent',
      'a',
      { ...l2(101n), parentHash: hashOf(100n, 7) },
      { outcome: 'conflict', head: { number: 100n, hash: hashOf(100n) } },
    ],
    ['a block above head + 1', 'a', l2(103n), { outcome: 'gap', head: { number: 100n, hash: hashOf(100n) } }],
  ] as const)('%s is refused by name', (_, node, block, outcome) => {
    expect(evaluate(commit(node, block, place, T).when, head())).toBe(false)
    expect(judgeRefusal(node, block, head())).toEqual(outcome)
  })

  test('without a head nothing commits', () => {
    expect(evaluate(commit('a', l2(1n), place, T).when, undefined)).toBe(false)
    expect(judgeRefusal('a', l2(1n), undefined)).toEqual({ outcome: 'no-head' })
  })

  test('the payload is inline or an object, never both', () => {
    expect(commit('a', l2(101n), place, T).remove).toContain('payloadRef')
    expect(commit('a', l2(101n), { payloadRef: 'x' }, T).remove).toContain('payload')
  })
})

describe('fence', () => {
  test.each([
    ['a newer term', 'b', 4, true],
    ['the same again', 'a', 3, true],
    ['the same term for another node', 'b', 3, false],
    ['an older term', 'b', 2, false],
  ] as const)('%s', (_, node, term, applies) => {
    expect(evaluate(fence(node, term, T).when, head())).toBe(applies)
  })
})

describe('grant', () => {
  const to = {
    to: 'b',
    cause: { code: 'stalled', by: 'baton' },
    automatic: true,
    sameRound: true,
    leaseMs: 1_000,
  } as const

  test('needs the term it was decided on, and the end of the lease unless the reason allows more', () => {
    const running = lease({ expiresAt: T + 1 })
    expect(evaluate(grant(running, { ...to, overLease: false }, T).when, running)).toBe(false)
    expect(evaluate(grant(running, { ...to, overLease: true }, T).when, running)).toBe(true)
    expect(evaluate(grant(running, { ...to, overLease: true }, T).when, { ...running, term: 4 })).toBe(false)
    const over = lease({ expiresAt: T - 1 })
    expect(evaluate(grant(over, { ...to, overLease: false }, T).when, over)).toBe(true)
  })

  test.each([
    ['due', 'c', T, ['switchover']],
    ['for later', 'c', T + 1, []],
    ['for later, and for the grantee', 'b', T + 1, ['switchover']],
  ])('a switchover request that is %s', (_, asked, notBefore, removed) => {
    const pending = lease({ switchover: { id: 's', to: asked, notBefore, by: 'ann', force: false } })
    expect(grant(pending, { ...to, to: 'b', overLease: true }, T).remove).toEqual(removed)
  })

  test('raises the term by one, remembers the tried leader, forgets old grants, consumes the request', () => {
    const { set, remove } = grant(
      lease({ tried: ['c'], grants: [T - 3_600_001, T - 10] }),
      { ...to, overLease: true },
      T,
    )
    expect(set).toMatchObject({ term: 4, leader: 'b', previousLeader: 'a', tried: ['c', 'a'], grants: [T - 10, T] })
    expect(remove).toEqual(['switchover'])
  })

  test('a renewal by the leader of a lost term does not apply', () => {
    expect(evaluate(renew(lease(), 1_000, T).when, lease({ term: 4, leader: 'b' }))).toBe(false)
    expect(renew(lease({ armedAt: 0 }), 1_000, T).set.armedAt).toBe(T)
    expect(renew(lease({ cooldownUntil: T + 9_000 }), 1_000, T).set.cooldownUntil).toBe(0)
  })
})

test('conditions: a missing field never compares, all and any nest', () => {
  const item = { a: 1, b: 'x', n: 5n }
  expect(evaluate(all(equals('a', 1), below('n', 6n)), item)).toBe(true)
  expect(evaluate(below('missing', 6n), item)).toBe(false)
  expect(evaluate(any(equals('missing', 1), absent('missing')), item)).toBe(true)
  expect(evaluate(absent('a'), item)).toBe(false)
  expect(evaluate(absent('a'), undefined)).toBe(true)
})

test('every reason renders without a hole when its facts are given', () => {
  for (const [code, text] of Object.entries(reasonTexts)) {
    const facts = Object.fromEntries([...text.matchAll(/\{(\w+)\}/g)].map(([, key]) => [key, 'fact']))
    expect(renderReason(reason(code as Reason['code'], facts))).not.toMatch(/[{}?]/)
  }
  fc.assert(fc.property(fc.string(), (message) => renderReason(reason('operator', { message })) === message))
})
