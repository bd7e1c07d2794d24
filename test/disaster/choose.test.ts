import { expect, test } from 'vitest'
import { type Candidate, choose } from '../../lib/operations/disaster/survey.ts'
import { l2 } from '../protocol/scene.ts'

const candidate = (number: bigint, nodes: string, committed: boolean, branch = 0): Candidate => ({
  block: l2(number, branch),
  nodes: [...nodes],
  committed,
  safe: false,
})

test.each<[string, Candidate[], bigint | undefined]>([
  [
    'the highest committed one, though fewer nodes have it',
    [candidate(101n, 'a', true), candidate(100n, 'abc', true)],
    101n,
  ],
  ['committed, and on no node any more', [candidate(101n, '', true), candidate(100n, 'abc', true)], 101n],
  [
    'one that was never acknowledged is passed over',
    [candidate(102n, 'abc', false), candidate(100n, 'abc', true)],
    100n,
  ],
  ['without an archive: what most nodes have', [candidate(101n, 'a', false), candidate(100n, 'abc', false)], 100n],
  ['no block has a majority', [candidate(101n, 'a', false), candidate(100n, 'b', false)], undefined],
  ['two committed of one height: a person', [candidate(101n, 'a', true), candidate(101n, 'bc', true, 1)], undefined],
])('%s', (_, candidates, expected) => {
  expect(choose(candidates, 2)?.block.number).toBe(expected)
})
