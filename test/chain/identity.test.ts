import { expect, test } from 'vitest'
import type { NodeClient } from '../../lib/chain/client.ts'
import { getConsensusIdentity } from '../../lib/chain/identity.ts'
import { compareRollups } from '../../lib/protocol/rollup.ts'

/** What a consensus client with this rollup configuration is compared by. */
async function fieldsOf(config: unknown) {
  const request = async ({ method }: { method: string }) => (method === 'optimism_rollupConfig' ? config : {})
  const reported = await getConsensusIdentity({ request } as unknown as NodeClient)
  return (reported.ok && reported.value.rollup) || {}
}

const common = {
  genesis: { l2: { hash: `0x${'AB'.repeat(32)}`, number: 0 }, system_config: { scalar: `0x${'00'.repeat(32)}` } },
  block_time: 2,
  karst_time: 1_790_000_000,
  lagoon_time: null,
}

/** A field of the configuration that no version of Baton knows, and another value of it. */
const unknown: Readonly<Record<string, readonly [unknown, unknown]>> = {
  'a text': ['a', 'b'],
  'a switch': [true, false],
  'a long text': ['0x00'.repeat(40), `${'0x00'.repeat(39)}0x01`],
  'a text with signs': ['a b', 'a c'],
  'a list': [
    [1, 2, 3],
    [1, 2],
  ],
  'a list of objects': [[{ id: 1, at: 5 }], [{ id: 1, at: 6 }]],
  'a field four deep': [{ a: { b: { c: 1 } } }, { a: { b: { c: 2 } } }],
  'a field nine deep': [
    { a: { b: { c: { d: { e: { f: { g: { h: 1 } } } } } } } },
    { a: { b: { c: { d: { e: { f: { g: { h: 2 } } } } } } } },
  ],
}

test.each(Object.entries(unknown))('a difference is found in %s', async (_, [mine, theirs]) => {
  for (const name of ['future', 'future-field']) {
    const rollups = {
      a: await fieldsOf({ ...common, [name]: theirs }),
      b: await fieldsOf({ ...common, [name]: mine }),
      c: await fieldsOf({ ...common, [name]: theirs }),
    }
    const found = compareRollups(rollups, { leader: 'a', now: 1_800_000_000_000 })
    expect([...found.keys()], name).toEqual(['b'])
  }
})

test('the same in another order or case is no difference, nor is what a version does not show', async () => {
  const deep = { a: { b: { c: { d: 1, e: '0xAB', new: 1 } } } }
  const sorted = { a: { b: { c: { e: '0xab', d: 1 } } } }
  const rollups = {
    a: await fieldsOf({ ...common, deep, list: [{ id: '0xAB', new: 1 }] }),
    b: await fieldsOf({ list: [{ id: '0xab' }], deep: sorted, ...common }),
    c: await fieldsOf({ ...common, genesis: { ...common.genesis, l2: { hash: `0x${'ab'.repeat(32)}`, number: 0 } } }),
  }
  expect(compareRollups(rollups, { leader: 'a', now: 0 }).size).toBe(0)
})

test('a node that shows far too much is read up to a bound', async () => {
  const wide = (depth: number): object =>
    Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`f${i}`, depth === 0 ? i : wide(depth - 1)]))
  const fields = await fieldsOf({ ...common, wide: wide(2), long: Array.from({ length: 10_000 }, (_, i) => i) })
  expect(Object.keys(fields).length).toBeLessThanOrEqual(500)
  expect(fields.block_time).toBe('2')
})
