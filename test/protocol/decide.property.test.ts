import fc from 'fast-check'
import { expect, test } from 'vitest'
import { examineAll } from '../../lib/protocol/candidates.ts'
import { decide } from '../../lib/protocol/decide.ts'
import type { Decision, View } from '../../lib/protocol/decision.ts'
import { hashOf, l2, type NodeScene, type Scene, T, view } from './scene.ts'

const failure = fc.option(fc.constantFrom('refused', 'timeout', 'credential', 'method', 'other'), {
  nil: undefined,
  freq: 3,
})

const node: fc.Arbitrary<NodeScene> = fc.record({
  at: fc.constantFrom(l2(100n), l2(99n), l2(95n), l2(100n, 1), l2(101n), l2(102n)),
  sequencing: fc.boolean(),
  conductor: fc.boolean(),
  stateMissing: fc.boolean(),
  samples: fc.integer({ min: 1, max: 4 }),
  asked: fc.constantFrom(
    { number: 100n, hash: hashOf(100n) },
    { number: 100n, hash: null },
    { number: 100n, hash: hashOf(100n, 2) },
  ),
  cl: failure,
  el: failure,
  failedStart: fc.option(fc.constant({ term: 3, at: T, message: 'no' }), { nil: undefined }),
}) as fc.Arbitrary<NodeScene>

const scene: fc.Arbitrary<Scene> = fc.record({
  after: fc.integer({ min: -10_000, max: 600_000 }),
  head: fc.option(
    fc.record({
      term: fc.integer({ min: 2, max: 4 }),
      committedTerm: fc.integer({ min: 1, max: 4 }),
      leader: fc.constantFrom('a', 'b', 'c', ''),
    }),
    { nil: null, freq: 8 },
  ),
  lease: fc.option(
    fc.record({
      leader: fc.constantFrom('a', 'b', 'c'),
      mode: fc.constantFrom('auto', 'paused', 'hold'),
      tried: fc.subarray(['a', 'b', 'c']),
      cooldownUntil: fc.constantFrom(0, T + 700_000),
      expiresAt: fc.integer({ min: T - 10_000, max: T + 700_000 }),
      grants: fc.array(fc.integer({ min: T - 7_200_000, max: T }), { maxLength: 14 }),
    }),
    { nil: null, freq: 8 },
  ),
  a: node,
  b: node,
  c: node,
}) as fc.Arbitrary<Scene>

const withSwitchover = fc.record({ to: fc.constantFrom('a', 'b', 'c', 'x', undefined), force: fc.boolean() })

function decided(given: Scene): { view: View; decision: Decision; grants: string[] } {
  const seen = view(given)
  const decision = decide(seen)
  const grants = decision.commands.flatMap((c) => (c.act === 'grant' ? [c.grant.to] : []))
  return { view: seen, decision, grants }
}

test('nothing is granted to, or started on, a node that is cut off, forked, ahead, unwired or without state', () => {
  fc.assert(
    fc.property(scene, fc.option(withSwitchover), (given, ask) => {
      const asked =
        ask && given.lease
          ? { ...given, lease: { ...given.lease, switchover: { id: '', notBefore: 0, by: 'op', ...ask } as never } }
          : given
      const { view: seen, grants } = decided(asked)
      const unfit = examineAll(seen).filter(({ fitness }) => fitness.hard.length > 0)
      for (const { node } of unfit) expect(grants).not.toContain(node.name)
    }),
    { numRuns: 3_000 },
  )
})

test('never on its own: a grant while paused, pinned or cooling down', () => {
  fc.assert(
    fc.property(scene, (given) => {
      const { view: seen, grants } = decided(given)
      const { lease, head } = seen
      if (!lease || !head || grants.length === 0) return
      expect(lease.mode).toBe('auto')
      // A cool-down whose end is further off than two of them was written by a clock that was ahead.
      const coolingDown = lease.cooldownUntil > seen.now && lease.cooldownUntil <= seen.now + 2 * seen.policy.cooldownMs
      if (head.leader !== '') expect(coolingDown).toBe(false)
    }),
    { numRuns: 3_000 },
  )
})

test('a leader that commits on time keeps the term, whatever the others do', () => {
  fc.assert(
    fc.property(scene, (given) => {
      const onTime: Scene = { ...given, after: 500, head: {}, lease: { ...given.lease, leader: 'a', term: 3 }, a: {} }
      const { grants } = decided(onTime)
      expect(grants).toEqual([])
    }),
    { numRuns: 1_000 },
  )
})

test('at most one grant or fence or start in a decision, and every command has a reason', () => {
  fc.assert(
    fc.property(scene, (given) => {
      const { decision } = decided(given)
      const steps = decision.commands.filter(({ act }) => ['grant', 'fence', 'start', 'seed'].includes(act))
      expect(steps.length).toBeLessThanOrEqual(1)
      for (const { reasons } of decision.commands) expect(reasons.length).toBeGreaterThan(0)
      expect(decision.reasons.length).toBeGreaterThan(0)
    }),
    { numRuns: 3_000 },
  )
})

test('a block above the head that was never committed stops every grant and start', () => {
  fc.assert(
    fc.property(scene, fc.constantFrom('a', 'b', 'c'), (given, author) => {
      const { decision } = decided({
        ...given,
        head: {},
        lease: { ...given.lease, term: 3 },
        [author]: { at: l2(101n) },
      })
      expect(decision.commands.filter(({ act }) => act === 'grant' || act === 'start')).toEqual([])
      expect(decision.page.length).toBeGreaterThan(0)
    }),
    { numRuns: 1_000 },
  )
})
