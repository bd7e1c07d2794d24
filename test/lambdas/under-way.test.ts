import { expect, test } from 'vitest'
import type { Snapshot } from '../../lib/context/inspect.ts'
import { renderUnderWay } from '../../lib/lambda/widget/render-under-way.ts'
import { seedLease } from '../../lib/protocol/bootstrap.ts'
import { defaultPolicy } from '../../lib/protocol/policy.ts'
import type { Lease } from '../../lib/protocol/records.ts'

const NOW = 1_700_000_000_000
const nodes = ['a', 'b', 'c'].map((name) => ({ name }))

/** What the widget shows of a lease, tags aside. */
function shown(change: Partial<Lease>) {
  const lease = { ...(seedLease('a', 1, { kind: 'baton', name: 'baton' }, 0).set as Lease), ...change }
  const view = { now: NOW, policy: defaultPolicy(2_000), nodes, observed: {}, lease }
  return renderUnderWay({ view } as unknown as Snapshot)?.text
}
const words = (markup = '') => markup.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')

test('nothing is shown while nothing works on the chain', () => {
  expect(shown({ quarantine: {} })).toBeUndefined()
})

test('a quarantine shows the node, what it is, why, by whom, and whether its operation still lives', () => {
  const since = NOW - 600_000
  const markup = shown({
    quarantine: {
      b: { since, why: 'crash recovery', by: 'baton', kind: 'recovery', owner: 'run-1', heardAt: NOW - 5_000 },
      c: { since, why: '<disk> full', by: 'ada' },
    },
  })
  expect(words(markup)).toMatch(/b crash recovery at work crash recovery baton/)
  expect(words(markup)).toMatch(/c by a person &lt;disk&gt; full ada/)
  expect(markup).not.toContain('class="bad"')
})

test('an operation that fell silent stands out, as does an upgrade that stopped', () => {
  const silent = { since: NOW - 600_000, why: 'crash recovery', by: 'baton', heardAt: NOW - 300_000 }
  expect(shown({ quarantine: { b: silent } })).toMatch(/class="bad"><time/)
  const upgrade = { to: 'v1.2.3', by: 'ada', since: NOW - 60_000, heardAt: NOW, node: 'b', done: ['c'] }
  expect(words(shown({ upgrade }))).toMatch(/Rolling upgrade to v1\.2\.3 by ada, .*now at b, done: c; stopped/)
  expect(words(shown({ upgrade: { ...upgrade, owner: 'run-2' } }))).toMatch(/; heard .* \./)
})
