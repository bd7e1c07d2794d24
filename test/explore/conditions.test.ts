import { describe, expect, test } from 'vitest'
import { explore } from './explore.ts'
import type { Kind } from './pending.ts'
import type { Scope } from './scope.ts'
import { conditionsOf, nameOf, noticed } from './take-away.ts'

/** Conditions nothing can be seen to go wrong without, and why they stay. */
const REDUNDANT: Readonly<Record<string, string>> = {
  'move: hash =': 'a term has one leader, who commits each number once: term and number name the block already',
  'renew: leader =': 'a term is granted to one node only: the term names the leader already',
  'ask-switchover: switchover absent':
    'each program that asks has read that none waits, and an order in between counts: the orders name it already',
}

const small: Scope = {
  nodes: 2,
  height: 2,
  term: 3,
  orders: 2,
  renewals: 2,
  moves: 1,
  l1: true,
  operators: [],
  lostReplies: true,
}

/** Two operators, each of whom begins one of these programs. */
function operators(first: readonly string[], second = first): Scope {
  return { ...small, height: 1, term: 1, renewals: 0, l1: false, operators: [first, second] }
}

/** Where a write is met with as little else as can be; any other is decided by monitors and nodes. */
const WHERE: Readonly<Partial<Record<Kind, Scope>>> = {
  mode: operators(['pause', 'hold']),
  quarantine: operators(['quarantine']),
  'ask-switchover': operators(['switchover'], ['adopt']),
  'drop-switchover': operators(['switchover'], ['quarantine']),
  'mode-and-quarantine': operators(['override'], ['pause']),
  close: { ...operators(['override']), term: 3, operators: [['override']] },
}
const scopeOf = (kind: Kind): Scope => WHERE[kind] ?? { ...small, operators: [['pause']] }

const scopes = [scopeOf('commit'), ...Object.values(WHERE)]
const met = []
for (const scope of scopes) met.push(await explore(scope, { states: 5_000 }))
const conditions = new Map(met.flatMap(conditionsOf).map((dropped) => [nameOf(dropped), dropped]))

describe('a write without one of its conditions breaks a rule', () => {
  test('all writes of the protocol are met', () => {
    expect([...new Set([...conditions.values()].map(({ kind }) => kind))].sort()).toEqual([
      'ask-switchover',
      'close',
      'commit',
      'cool-down',
      'drop-switchover',
      'fence',
      'follow-head',
      'grant',
      'mode',
      'mode-and-quarantine',
      'move',
      'quarantine',
      'renew',
      'seed-head',
      'seed-lease',
    ])
  })

  test.each([...conditions].filter(([name]) => !(name in REDUNDANT)))(
    '%s',
    async (_, dropped) => {
      const found = await noticed(dropped, [scopeOf(dropped.kind)], 100_000)
      expect(found?.broken?.rule).toEqual(expect.any(String))
    },
    60_000,
  )

  test.each(Object.entries(REDUNDANT))(
    '%s is a second line of defence: %s',
    async (name) => {
      const dropped = conditions.get(name)
      expect(dropped).toBeDefined()
      if (!dropped) return
      const found = await explore(WHERE[dropped.kind] ?? { ...small, height: 1, renewals: 1 }, { dropped })
      expect(found.broken).toBeUndefined()
      expect(found.exhausted).toBe(true)
    },
    60_000,
  )
})
