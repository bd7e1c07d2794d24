import { expect, test } from 'vitest'
import { defaultPolicy } from '../../lib/protocol/policy.ts'
import { preview } from '../../lib/protocol/preview.ts'
import { type Scene, T, view } from './scene.ts'

const overridden = { b: { since: T, why: '…', by: 'bea', kind: 'override' } }

test.each<[string, string | undefined, Scene, RegExp | string]>([
  ['to the best standby', undefined, {}, 'b'],
  ['to a named node', 'c', {}, 'c'],
  ['in the middle of a slot: there will be a commit', 'c', { after: 1_500 }, 'c'],
  ['on short slots, where the monitor waits for what it sees', 'c', { view: { policy: defaultPolicy(400) } }, 'c'],
  ['while paused: an order is carried out', 'c', { lease: { mode: 'paused', modeAt: T } }, 'c'],
  ['while held', 'c', { lease: { mode: 'hold', modeAt: T } }, 'c'],
  ['to the leader', 'a', {}, /already holds the head/],
  ['to a node that is not configured', 'z', {}, /no such node/],
  ['to a node that is down', 'c', { c: { cl: 'refused' } }, /refuses connections/],
  [
    'a standby without a candidate',
    undefined,
    { b: { cl: 'refused' }, c: { cl: 'refused' } },
    /no other node is eligible/,
  ],
  [
    'while a grant is not fenced',
    'c',
    { lease: { leader: 'b', term: 4 } },
    /term 4 is granted but the head is fenced at 3/,
  ],
  ['while the lease is behind', 'c', { head: { term: 4 } }, /nothing is moved by order now/],
  [
    'while another one is pending',
    'c',
    { lease: { switchover: { id: 'y', notBefore: 0, by: 'bea', force: false } } },
    /asked for by bea, is pending/,
  ],
  ['while a node publishes without commits', 'c', { lease: { quarantine: overridden } }, /b publishes without commits/],
  [
    'while the gate does not answer',
    'c',
    { view: { gate: { ok: false, message: 'ECONNREFUSED' } } },
    /the gate does not answer/,
  ],
  ['without a head', 'c', { head: null }, /no head and lease yet/],
  ['without a lease', 'c', { lease: null }, /no head and lease yet/],
])('%s', (_, to, scene, expected) => {
  const plan = preview(view(scene), { by: 'ann', ...(to !== undefined && { to }) })
  if (typeof expected === 'string') expect(plan).toMatchObject({ from: 'a', term: 3, to: expected })
  else expect(plan).toMatchObject({ refused: expect.stringMatching(expected) })
  expect(plan.to === undefined).toBe(plan.refused !== undefined)
})
