import { describe, expect, test } from 'vitest'
import { systemClock } from '../../lib/context/ports.ts'
import { asTheOnlyOne } from '../../lib/operations/resequence/lease.ts'
import { StoreUnavailableError } from '../../lib/store/errors.ts'
import { memoryStores } from '../../lib/store/memory/stores.ts'
import type { MonitorLeaseStore } from '../../lib/store/stores.ts'

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

describe('a store that does not answer while the lease is held', () => {
  const ttlMs = 400
  /** Holds the lease, whose renewals fail `failures` times; whether it was asked to stop within two of its times. */
  async function holdThrough(failures: number): Promise<boolean> {
    const { monitorLease } = memoryStores()
    let renewals = 0
    const acquire: MonitorLeaseStore['acquire'] = async (...asked) => {
      const isRenewal = renewals++ > 0
      if (isRenewal && failures-- > 0) throw new StoreUnavailableError('hold', 'the lease', new Error('timeout'))
      return await monitorLease.acquire(...asked)
    }
    const { signal } = new AbortController()
    const asked = { leases: { ...monitorLease, acquire }, clock: systemClock, chain: '779', by: 'ada', signal, ttlMs }
    return await asTheOnlyOne(asked, async (until) => {
      await systemClock.sleep(2 * ttlMs, until)
      return until.aborted
    })
  }

  test('for a moment: the run goes on', async () => {
    expect(await holdThrough(1)).toBe(false)
  })

  test('for as long as others must wait for it: the run stops', async () => {
    expect(await holdThrough(Number.POSITIVE_INFINITY)).toBe(true)
  })
})
