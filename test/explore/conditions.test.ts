import { describe, expect, test } from 'vitest'
import type { Condition } from '../../lib/protocol/write.ts'
import { type Kind, movesOf } from './moves.ts'
import { explore } from './search.ts'
import { leaveOut, type Part, partsOf } from './weaken.ts'
import { type Bounds, firstWorld, GENESIS, withRead } from './world.ts'

/** Small, and yet each condition is needed within it. */
const bounds: Bounds = { nodes: 2, height: 2, term: 2, orders: 1, renewals: 1 }
/** An order has to be made twice, or a renewal, before the second can undo the first. */
const wider: Partial<Record<Kind, Partial<Bounds>>> = {
  setMode: { orders: 2, height: 1 },
  requestSwitchover: { orders: 2, height: 1 },
  dropSwitchover: { orders: 2, height: 1 },
  quarantine: { orders: 2, height: 1 },
  renew: { renewals: 2, height: 1 },
}

/** Parts that others imply: why they stay, and that without all of them something breaks. */
const implied: readonly {
  readonly kind: Kind
  readonly part: string
  readonly by: readonly string[]
  readonly why: string
}[] = [
  { kind: 'moveHead', part: 'number =', by: ['hash ='], why: 'a hash has one number' },
  { kind: 'moveHead', part: 'hash =', by: ['number ='], why: 'under one term a number has one hash' },
  { kind: 'automatic grant', part: 'term =', by: ['renewedAt ='], why: 'a grant renews; two clocks may name one ms' },
  { kind: 'soft grant', part: 'term =', by: ['renewedAt ='], why: 'the same' },
  { kind: 'coolDown', part: 'term =', by: ['renewedAt ='], why: 'the same' },
  { kind: 'renew', part: 'term =', by: ['renewedAt ='], why: 'the same' },
  { kind: 'renew', part: 'holder =', by: ['term =', 'renewedAt ='], why: 'a term has one holder' },
]

/** Each kind of write with its condition, as it is made in a world where all of them can be. */
function kinds(): Map<Kind, Condition> {
  const { head, ...world } = withRead({ ...firstWorld(), granted: { 1: 'a' } }, true)
  if (!head) throw new Error('no head')
  const above = { ...head, number: 1n, hash: '0xGa' as const, parentHash: GENESIS.hash }
  const found = new Map<Kind, Condition>()
  for (const { kind, write } of movesOf({ ...world, head, heads: [head, above] }, bounds)) found.set(kind, write.when)
  return found
}

const cases = [...kinds()].flatMap(([kind, when]) => partsOf(when).map((part) => [kind, part.says, part] as const))
const isImplied = (kind: Kind, says: string) => implied.some((each) => each.kind === kind && each.part === says)

function without(kind: Kind, parts: readonly Part[]) {
  const weaken = (when: Condition) => parts.reduce((weaker, { path }) => leaveOut(weaker, path), when)
  return explore({ bounds: { ...bounds, ...wider[kind] }, without: { kind, weaken } })
}

describe('each condition of each write is needed: without it something breaks', () => {
  test('every write of the protocol is explored', () => {
    expect([...kinds().keys()].toSorted()).toMatchInlineSnapshot(`
      [
        "automatic grant",
        "closeAt",
        "commit",
        "coolDown",
        "dropSwitchover",
        "fence",
        "followHead",
        "grant",
        "moveHead",
        "quarantine",
        "renew",
        "requestSwitchover",
        "seedHead",
        "seedLease",
        "setMode",
        "soft grant",
      ]
    `)
  })

  test.each(cases.filter(([kind, says]) => !isImplied(kind, says)))(
    '%s without "%s"',
    { timeout: 60_000 },
    (kind, _, part) => {
      const { violation } = without(kind, [part])
      expect(violation?.what).toEqual(expect.any(String))
      expect(violation?.trace.length).toBeGreaterThan(1)
    },
  )
})

describe('a condition that others imply', () => {
  const partOf = (kind: Kind, says: string): Part => {
    const [found] = cases.filter(([of, text]) => of === kind && text === says)
    if (!found) throw new Error(`${kind} has no condition "${says}"`)
    return found[2]
  }
  test.each(implied)('$kind: "$part" is not needed beside $by ($why)', { timeout: 60_000 }, ({ kind, part, by }) => {
    const alone = without(kind, [partOf(kind, part)])
    expect(alone.violation).toBeUndefined()
    expect(alone.exhausted).toBe(true)
    const all = [part, ...by].map((says) => partOf(kind, says))
    expect(without(kind, all).violation?.what).toEqual(expect.any(String))
  })
})
