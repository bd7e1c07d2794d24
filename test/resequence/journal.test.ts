import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../lib/context/ports.ts'
import { createJournal, type Entry, type Run } from '../../lib/operations/resequence/journal.ts'
import { asTheOnlyOne, type Held } from '../../lib/operations/resequence/lease.ts'
import type { ResequenceRequest } from '../../lib/operations/resequence/request.ts'
import { memoryObjects, memoryStores } from '../../lib/store/memory/stores.ts'
import { folderObjects } from '../../lib/store/objects/folder.ts'
import type { ObjectStore } from '../../lib/store/stores.ts'

const hash = `0x${'ab'.repeat(32)}` as const
const request: ResequenceRequest = {
  from: 'stream',
  keep: { batch: 4n, hash },
  strict: true,
  reuse: true,
  bad: [],
  by: 'ada',
}
const word = (step: string): Omit<Entry, 'owner'> => ({ at: 1, by: 'ada', step, state: 'begun', words: '', notes: {} })
const before = { kept: [{ number: 12n, hash }], range: { blocks: [], batches: [] } }

const folder = mkdtempSync(join(tmpdir(), 'baton-journal-'))
afterAll(() => rmSync(folder, { recursive: true }))
let n = 0
const kinds: readonly (readonly [string, () => ObjectStore])[] = [
  ['memory', memoryObjects],
  ['a folder', () => folderObjects(join(folder, String(++n)))],
]

describe.each(kinds)('objects in %s', (_, open) => {
  let objects: ObjectStore
  let now: number
  let leases: ReturnType<typeof memoryStores>['monitorLease']
  const { signal } = new AbortController()
  beforeEach(() => {
    objects = open()
    leases = memoryStores().monitorLease
    now = 1_000_000
  })
  const clock = { now: () => now, monotonic: () => now, sleep: async () => {} }
  const as = async <T>(by: string, use: (held: Held) => Promise<T>) =>
    await asTheOnlyOne({ leases, clock, chain: '779', by, signal, ttlMs: 60_000 }, (_signal, held) => use(held))
  const journalOf = (held?: Held) => createJournal(objects, '779', held)
  const steps = async () => (await journalOf().latest())?.entries.map(({ step }) => step)

  test('an entry by a process that lost its lease is refused, and so is all else it writes', async () => {
    await as('ada', async (ada) => {
      const begun = await journalOf(ada).begin(1, request)
      const run = await journalOf(ada).add(begun, word('check'))
      now += 60_001
      await as('ada', async (other) => {
        const late = { name: 'LeaseLost', message: expect.stringContaining('is now that of ada') }
        await expect(journalOf(ada).add(run, word('halt'))).rejects.toMatchObject(late)
        await expect(journalOf(ada).keepBefore(run, before)).rejects.toMatchObject(late)
        await expect(journalOf(ada).begin(2, request)).rejects.toMatchObject(late)
        expect(await steps()).toEqual(['check'])
        await journalOf(other).take(1, 'ada', now)
      })
      // Over, and given up: the lease is free, and the old one may have it again. What it knows is old all the same.
      await expect(journalOf(ada).add(run, word('halt'))).rejects.toMatchObject({
        name: 'LeaseLost',
        message: expect.stringContaining("entry 2 of run 1 is another's"),
      })
    })
    expect(await steps()).toEqual(['check', 'run'])
  })

  test('a word of the old one that came just before it was taken on is read by the new one', async () => {
    const slow: Held = { owner: 'ada/slow', prove: async () => {} }
    const run = await journalOf(slow).begin(1, request)
    let once = true
    const racing: ObjectStore = {
      get: (key) => objects.get(key),
      async put(key, bytes, how) {
        if (once) {
          once = false
          await journalOf(slow).add(run, word('late'))
        }
        await objects.put(key, bytes, how)
      },
    }
    const taken: Run = await as('bea', (bea) => createJournal(racing, '779', bea).take(1, 'bea', now))
    expect(taken.entries.map(({ step, state }) => `${step} ${state}`)).toEqual(['late begun', 'run taken'])
    expect(taken.owners).toEqual(['ada/slow', expect.stringMatching(/^bea\//)])
    await expect(journalOf(slow).add(run, word('later'))).rejects.toThrow('was not written')
  })

  test('of two that begin a run in the same moment, under one name, one is refused', async () => {
    const held = (owner: string): Held => ({ owner, prove: async () => {} })
    const both = ['ada/1', 'ada/2'].map((owner) => journalOf(held(owner)).begin(1, request))
    const ended = await Promise.allSettled(both)
    expect(ended.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })

  test('two processes under one id, as of one function called twice: one of two entries is refused', async () => {
    const held: Held = { owner: 'automation 7/x', prove: async () => {} }
    const run = await journalOf(held).begin(1, request)
    const both = [1, 2].map(() => journalOf(held).add(run, word('halt')))
    expect((await Promise.allSettled(both)).filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await steps()).toEqual(['halt'])
  })

  test('without a lease nothing is written', async () => {
    await expect(journalOf().begin(1, request)).rejects.toThrow('must hold the lease')
    expect(await journalOf().latest()).toBeUndefined()
  })
})

test('a store that says nothing of the lease lets no entry through', async () => {
  const stores = memoryStores()
  let silent = false
  const acquire: typeof stores.monitorLease.acquire = async (...asked) => {
    if (silent) throw new Error('silence')
    return await stores.monitorLease.acquire(...asked)
  }
  const clock = { ...systemClock, sleep: async () => {} }
  const { signal } = new AbortController()
  const asked = { leases: { ...stores.monitorLease, acquire }, clock, chain: '779', by: 'ada', signal, ttlMs: 60_000 }
  const objects = memoryObjects()
  await asTheOnlyOne(asked, async (_, held) => {
    const journal = createJournal(objects, '779', held)
    const run = await journal.begin(1, request)
    silent = true
    await expect(journal.add(run, word('halt'))).rejects.toThrow('silence')
  })
  expect((await createJournal(objects, '779').latest())?.entries).toEqual([])
})
