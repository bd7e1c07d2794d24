import { expect, test } from 'vitest'
import { asTheOnlyOne } from '../../lib/resequence/lease.ts'
import { memoryStores } from '../../lib/store/memory/stores.ts'

test('two people cannot re-sequence one chain; one who died is out of the way when the lease is over', async () => {
  const { monitorLease: leases } = memoryStores()
  let now = 1_000_000
  const clock = { now: () => now, monotonic: () => now, sleep: async () => {} }
  const { signal } = new AbortController()
  const as = (by: string, chain = '779') => ({ leases, clock, chain, by, signal, ttlMs: 60_000 })
  await asTheOnlyOne(as('ada'), async () => {
    await expect(asTheOnlyOne(as('grace'), async () => 1)).rejects.toThrow('chain 779 is being re-sequenced by ada')
    expect(await asTheOnlyOne(as('grace', '780'), async () => 2)).toBe(2)
    now += 60_001
    expect(await asTheOnlyOne(as('grace'), async () => 3)).toBe(3)
  })
  expect(await asTheOnlyOne(as('ada'), async () => 4)).toBe(4)
})
