import { describe, expect, test } from 'vitest'
import { bootstrap } from '../../lib/protocol/bootstrap.ts'
import type { ObservedNode, View } from '../../lib/protocol/decision.ts'
import { followDerivation, underivedBy } from '../../lib/protocol/derivation.ts'
import type { ConsensusView } from '../../lib/protocol/observation.ts'
import { hashOf, l2, type NodeScene, T, view } from './scene.ts'

/** L1 as a node knows it: its newest block, and how far its derivation is. */
type L1 = { readonly head: bigint; readonly derived: bigint }

const DAYS_10 = 10n * 86_400n
const DONE: L1 = { head: 20_500_000n, derived: 20_500_000n }
const names = ['a', 'b', 'c'] as const
const genesis: NodeScene = { at: { ...l2(0n, 7), timestamp: BigInt(T / 1_000) - DAYS_10 }, sequencing: false }

/** A chain without records at block 0, ten days old, all stopped; `l1` = what the nodes say of L1. */
function fresh(
  l1: readonly L1[],
  { still = 60_000, scene = {} as Partial<Record<'a' | 'b' | 'c', NodeScene>> } = {},
): View {
  const all = view({ head: null, lease: null, a: genesis, b: genesis, c: genesis, ...scene })
  const kept = names.slice(0, l1.length)
  const observed = kept.flatMap((name, i): [string, ObservedNode][] => {
    const known = all.observed[name]
    const at = l1[i]
    return known && at ? [[name, withL1(known, at)]] : []
  })
  return {
    ...all,
    nodes: all.nodes.filter(({ name }) => kept.some((each) => each === name)),
    observed: Object.fromEntries(observed),
    stillSince: all.now - still,
  }
}

function withL1(known: ObservedNode, { head, derived }: L1): ObservedNode {
  const { consensus } = known.observation
  if (!consensus.ok) return known
  const value: ConsensusView = {
    ...consensus.value,
    headL1: { number: head, hash: hashOf(head), timestamp: BigInt(T / 1_000) },
    currentL1: { number: derived, hash: hashOf(derived), timestamp: BigInt(T / 1_000) },
  }
  return { ...known, observation: { ...known.observation, consensus: { ok: true, value } } }
}

const waitsFor = (given: View) => {
  const outcome = bootstrap(given)
  return 'wait' in outcome ? outcome.wait.evidence.message : 'seed'
}

describe('a chain whose nodes still derive it is not taken over', () => {
  const BEHIND: L1 = { head: 20_500_000n, derived: 20_428_000n }
  test.for([1, 2, 3])('%i nodes at block 0, 72000 L1 blocks behind', (count) => {
    expect(waitsFor(fresh(Array(count).fill(BEHIND)))).toBe('a has derived L1 up to 20428000 of 20500000')
    expect(waitsFor(fresh(Array(count).fill(DONE)))).toBe('seed')
  })

  test.for([1, 2])('one of three is behind', (i) => {
    const l1 = [DONE, DONE, DONE].map((done, at) => (at === i ? { ...done, derived: done.head - 3n } : done))
    expect(waitsFor(fresh(l1))).toBe(`${names[i]} has derived L1 up to 20499997 of 20500000`)
  })

  test('one whose own L1 endpoint stands still, by what the others know', () => {
    const stuck = { head: 20_400_000n, derived: 20_400_000n }
    expect(waitsFor(fresh([DONE, stuck, DONE]))).toBe('b has derived L1 up to 20400000 of 20500000')
  })

  test('one number of one node holds no node up', () => {
    const boaster = { head: 2n ** 52n, derived: 2n ** 52n }
    expect(waitsFor(fresh([DONE, boaster, DONE]))).toBe('seed')
  })

  test('one that stays behind on purpose is taken, once L1 went on twice', () => {
    const lagging = (head: bigint, lag: bigint) => ({ head, derived: head - lag })
    const given = fresh([DONE, DONE, DONE])
    const seen = (looks: readonly L1[]) => {
      let derivation: ObservedNode['derivation']
      const known = given.observed.a as ObservedNode
      for (const look of looks) {
        const { consensus } = withL1(known, look).observation
        if (consensus.ok) derivation = followDerivation(derivation, consensus.value)
      }
      const last = withL1(known, looks.at(-1) as L1)
      return { ...given, observed: { ...given.observed, a: { ...last, ...(derivation && { derivation }) } } }
    }
    const steady = [lagging(100n, 4n), lagging(101n, 5n), lagging(101n, 4n), lagging(102n, 5n), lagging(102n, 4n)]
    const newest = steady.map((look) => ({ head: look.head + 20_499_898n, derived: look.derived + 20_499_898n }))
    expect(waitsFor(seen(newest))).toBe('seed')
    expect(waitsFor(seen(newest.slice(0, 3)))).toContain('a has derived L1 up to')
    const catchingUp = [
      lagging(100n, 14n),
      lagging(101n, 12n),
      lagging(101n, 11n),
      lagging(102n, 9n),
      lagging(103n, 8n),
    ]
    expect(underivedBy(seen(catchingUp), 'a')).toBeDefined()
  })
})

describe('one look is no agreement', () => {
  test.for([
    { still: 0, outcome: 'wait' },
    { still: 1_999, outcome: 'wait' },
    { still: 2_000, outcome: 'seed' },
  ])('all nodes have shown the same for $still ms: $outcome', ({ still, outcome }) => {
    const said = waitsFor(fresh([DONE, DONE, DONE], { still }))
    expect(said === 'seed' ? 'seed' : 'wait').toBe(outcome)
    if (outcome === 'wait') expect(said).toContain('agreed on block 0')
  })
})

test.for([
  { who: ['a'], says: 'a sequences outside Baton; take it over with "baton adopt"' },
  { who: ['a', 'b'], says: 'a and b sequence outside Baton; stop those that do not lead' },
  { who: ['b', 'c'], says: 'b and c sequence outside Baton; stop those that do not lead' },
  { who: ['a', 'b', 'c'], says: 'a and b and c sequence outside Baton; stop those that do not lead' },
])('every node that sequences is named: $who', ({ who, says }) => {
  const scene = Object.fromEntries(names.map((name) => [name, { ...genesis, sequencing: who.includes(name) }]))
  expect(waitsFor(fresh([DONE, DONE, DONE], { scene }))).toContain(says)
})
