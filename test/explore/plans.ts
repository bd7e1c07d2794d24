import { PROGRAM_NAMES } from './operators.ts'
import type { Scope } from './scope.ts'

/** Explorations that belong together. */
export type Plan = readonly Scope[]

const scope = (bounds: Partial<Scope>): Scope => ({
  nodes: 2,
  height: 3,
  term: 4,
  orders: 2,
  moves: 1,
  l1: true,
  renewals: 0,
  operators: [],
  lostReplies: true,
  ...bounds,
})

/** Nodes and monitors alone: then the times of leases count, and the head is moved by what L1 says. */
const alone = { moves: 2, renewals: 1 } as const
/** One operator, who may run any program and be cut off anywhere in it. */
const operator = { l1: false, operators: [PROGRAM_NAMES] } as const

/** Two programs at once: each operator begins his whenever he likes. */
function pair(one: string, other: string, bounds: Partial<Scope>): Scope {
  const first = [one]
  const second = one === other ? first : [other]
  return scope({ height: 1, ...bounds, l1: false, lostReplies: false, operators: [first, second] })
}

const pairs = (bounds: Partial<Scope>): Scope[] =>
  PROGRAM_NAMES.flatMap((one, i) => PROGRAM_NAMES.slice(i).map((other) => pair(one, other, bounds)))

/** What `npm run explore` goes through. */
export const PLANS: Readonly<Record<string, Plan>> = {
  '2 nodes alone': [scope(alone)],
  '3 nodes alone': [scope({ ...alone, nodes: 3, term: 3 })],
  '2 nodes, an operator': [scope(operator)],
  '3 nodes, an operator': [scope({ ...operator, nodes: 3, term: 3 })],
  'two operators': pairs({ term: 2, orders: 3 }),
}

/** What `npm test` goes through. */
export const QUICK: Readonly<Record<string, Plan>> = {
  alone: [scope({ nodes: 2, height: 2, term: 3, renewals: 1 })],
  operator: [scope({ ...operator, height: 1, term: 3 })],
  'two operators': [
    pair('pause', 'hold', { term: 2 }),
    pair('switchover', 'cancel', { term: 2 }),
    pair('quarantine', 'resume', { term: 1 }),
    pair('adopt', 'switchover', { term: 1 }),
    pair('place', 'cancel', { term: 1 }),
    pair('override', 'switchover', { term: 1 }),
    pair('override', 'adopt', { term: 0, orders: 1 }),
    pair('override', 'place', { term: 1, orders: 1, height: 0 }),
    pair('return', 'resume', { term: 2 }),
    pair('leave', 'override', { term: 1 }),
  ],
}
