import type { Mutation } from './mutation.ts'

const COMMIT = 'protocol/commit.ts'
const GRANT = 'protocol/grant.ts'
const FENCE = 'protocol/grant.ts'
const SEED = 'protocol/bootstrap.ts'
const CONTROL = 'protocol/control.ts'

/** Each condition of each write dropped, and each field written wrongly. */
export const WRITE_MUTATIONS: readonly Mutation[] = [
  { name: 'commit without checking the leader', file: COMMIT, from: "all(equals('leader', node), ", to: 'all(' },
  {
    name: 'commit without checking the parent',
    file: COMMIT,
    from: ", equals('hash', block.parentHash)",
    to: '',
  },
  {
    name: 'commit without checking the number',
    file: COMMIT,
    from: "equals('number', block.number - 1n), ",
    to: '',
    equivalent:
      'a hash covers the number: a child of the head by hash is its child by number, unless the node lies in its header',
  },
  {
    name: 'commit trusts a clock: an old fence binds no node',
    file: COMMIT,
    from: "all(equals('leader', node), ",
    to: "all({ is: 'any', of: [equals('leader', node), { is: '<', field: 'fencedAt', value: at - 3_000 }] }, ",
  },
  { name: 'commit does not note its term', file: COMMIT, from: "copy: { committedTerm: 'term' },", to: '' },
  {
    name: 'fence without any condition',
    file: FENCE,
    from: "when: any(below('term', term), all(equals('term', term), equals('leader', leader))),",
    to: 'when: all(),',
  },
  {
    name: 'fence writes the leader, not the term',
    file: FENCE,
    from: 'set: { leader, term, fencedAt: at }',
    to: 'set: { leader, fencedAt: at }',
  },
  {
    name: 'fence writes the term, not the leader',
    file: FENCE,
    from: 'set: { leader, term, fencedAt: at }',
    to: 'set: { term, fencedAt: at }',
  },
  {
    name: 'fence of the same term for anybody',
    file: FENCE,
    from: ", equals('leader', leader)",
    to: '',
    equivalent: 'grants never name two leaders of one term (the condition on the lease), so no fence can either',
  },
  {
    name: 'fence of the same term refused',
    file: FENCE,
    from: "any(below('term', term), all(equals('term', term), equals('leader', leader)))",
    to: "below('term', term)",
    equivalent: 'the next step reads the head and finds the fence done; repeating it only saves that read',
  },
  { name: 'fence only the next term', file: FENCE, from: "below('term', term)", to: "equals('term', term - 2)" },
  {
    name: 'grant without checking the term',
    file: GRANT,
    from: 'const orders = unchanged(lease)',
    to: "const orders = equals('orders', lease.orders)",
  },
  {
    name: 'grant over an operator’s act',
    file: GRANT,
    from: 'const orders = unchanged(lease)',
    to: "const orders = equals('term', lease.term)",
  },
  {
    name: 'grant a soft reason over a running lease',
    file: GRANT,
    from: "all(seen, below('expiresAt', now))",
    to: 'seen',
  },
  { name: 'grant the same term again', file: GRANT, from: 'term: lease.term + 1,', to: 'term: lease.term,' },
  { name: 'grant skips a term', file: GRANT, from: 'term: lease.term + 1,', to: 'term: lease.term + 2,' },
  {
    name: 'renew without checking the leader',
    file: GRANT,
    from: "when: all(equals('term', lease.term), equals('leader', lease.leader), equals('renewedAt', lease.renewedAt)),",
    to: "when: all(equals('term', lease.term), equals('renewedAt', lease.renewedAt)),",
    equivalent: 'a term has one leader',
  },
  {
    name: 'the lease follows any head',
    file: GRANT,
    from: "when: below('term', head.term),",
    to: 'when: all(),',
    equivalent: 'grants come before fences: the lease is behind the head only after an old one was restored',
  },
  {
    name: 'a cool-down outlasts grants and commits',
    file: GRANT,
    from: 'const NO_COOL_DOWN = { cooldownUntil: 0 } as const',
    to: 'const NO_COOL_DOWN = {}',
    equivalent: 'one history in half a million shows it: a regression does',
  },
  {
    name: 'cool-down of a term that is over',
    file: CONTROL,
    from: "when: all(unchanged(lease), equals('renewedAt', lease.renewedAt)),",
    to: 'when: all(),',
    equivalent: 'a cool-down too many costs seconds; a leader that commits is not touched by it',
  },
  {
    name: 'ask for a switchover over a pending one',
    file: CONTROL,
    from: "all(unchanged(lease), absent('switchover'))",
    to: 'unchanged(lease)',
    equivalent: 'two requests never see the same number of orders: the condition before it refuses the second',
  },
  {
    name: 'seed a head over a head',
    file: SEED,
    from: "...(payload && { payload }) },\n    when: absent('term'),",
    to: '...(payload && { payload }) },\n    when: { is: "all", of: [] },',
  },
  {
    name: 'seed a lease over a lease',
    file: SEED,
    from: "...(first && { switchover: first }),\n    },\n    when: absent('term'),",
    to: '...(first && { switchover: first }),\n    },\n    when: { is: "all", of: [] },',
  },
  {
    name: 'two operators undo each other',
    file: CONTROL,
    from: "all(equals('term', term), equals('orders', orders))",
    to: "all(equals('term', term))",
  },
]
