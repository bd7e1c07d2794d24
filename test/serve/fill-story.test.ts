import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Log, silentLog } from '../../lib/log.ts'
import type { Block } from '../../lib/protocol/block.ts'
import { seedHead } from '../../lib/protocol/bootstrap.ts'
import { commit } from '../../lib/protocol/commit.ts'
import { fence } from '../../lib/protocol/grant.ts'
import { fillStory, recallCommits } from '../../lib/serve/fill-story.ts'
import { recordStory } from '../../lib/serve/story-recorder.ts'
import { archiveKey, chainArchive } from '../../lib/store/archive.ts'
import { archiveCommits } from '../../lib/store/archive-commits.ts'
import { memoryStores } from '../../lib/store/memory/stores.ts'
import { withCommitLog } from '../../lib/store/objects/commit-log.ts'
import { folderObjects } from '../../lib/store/objects/folder.ts'
import { packPayload } from '../../lib/store/payload.ts'
import type { ObjectStore } from '../../lib/store/stores.ts'
import { happy, NOW } from '../page/snapshots.ts'
import { BLOCK } from '../page/story/night.ts'
import { childOf, envelopeOf, genesis, hashOf } from '../store/blocks.ts'

const chain = { id: '901', name: 'devnet' }
let folder = ''
let objects: ObjectStore
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'baton-fill-'))
  objects = withCommitLog(folderObjects(folder), folder)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const clock = {
  now: () => NOW,
  monotonic: () => performance.now(),
  sleep: (ms: number, signal?: AbortSignal) => sleep(ms, undefined, { signal }).catch(() => {}),
}

describe('the list of commits in a folder', () => {
  const put = (number: number, leader: string | undefined = 'ada', branch = '') =>
    objects.put(archiveKey('901', { number: BigInt(number), hash: hashOf(`${number}${branch}`) }), new Uint8Array(1), {
      ifAbsent: true,
      commit: { term: 3, committedAt: number * 2_000, ...(leader !== undefined && { leader }) },
    })
  const list = async (below: number, limit: number) =>
    ((await objects.commits?.('901', { below: BigInt(below), limit })) ?? []).map(({ number }) => Number(number))

  test('below a number, the highest first, across files, and no more than asked for', async () => {
    for (const number of [997, 998, 1_003, 1_000, 999, 1_001, 1_002]) await put(number)
    expect(await list(1_003, 10)).toEqual([1_002, 1_001, 1_000, 999, 998, 997])
    expect(await list(1_001, 2)).toEqual([1_000, 999])
    expect(await list(997, 10)).toEqual([])
    expect(await objects.commits?.('902', { below: 9n, limit: 9 })).toEqual([])
  })

  test('a block that is archived again is listed once, with its leader', async () => {
    await put(5, undefined)
    await put(5)
    await put(5, undefined)
    await put(5, 'bob', 'branch')
    expect(await objects.commits?.('901', { below: 9n, limit: 9 })).toEqual([
      { number: 5n, hash: hashOf('5'), term: 3, committedAt: 10_000, leader: 'ada' },
      { number: 5n, hash: hashOf('5branch'), term: 3, committedAt: 10_000, leader: 'bob' },
    ])
  })

  test('a line that a crash cut short costs no other line', async () => {
    await put(5)
    const [file = ''] = await readdir(join(folder, '901', 'commits'))
    await appendFile(join(folder, '901', 'commits', file), '\n["6","0x12')
    await put(7)
    expect(await list(9, 9)).toEqual([7, 5])
  })

  test('the list is no payload: neither the archive nor a listing of it sees it', async () => {
    await put(5)
    expect(await chainArchive(objects, '901').hashesAt(5n)).toEqual([hashOf('5')])
    expect(await objects.list?.('901/payloads/')).toHaveLength(1)
  })
})

test('a commit whose reply was lost is in the list, with its term', async () => {
  const { heads } = memoryStores()
  await heads.write(chain.id, seedHead(genesis, 0, 0))
  await heads.write(chain.id, fence('seq-a', 4, 0))
  let lost = true
  const losing: typeof heads = {
    ...heads,
    async commit(of, write) {
      const committed = await heads.commit(of, write)
      if (lost) throw new Error('no reply')
      return committed
    },
  }
  const archiving = archiveCommits(
    losing,
    () => chainArchive(objects, chain.id),
    (error) => {
      throw error
    },
  )
  const write = async (block: Block, at: number) =>
    commit('seq-a', block, { payload: await packPayload(envelopeOf(block)) }, at)
  const block = childOf(genesis)
  await expect(archiving.commit(chain.id, await write(block, 1_000))).rejects.toThrow('no reply')
  lost = false
  await archiving.commit(chain.id, await write(block, 3_000))
  await archiving.commit(chain.id, await write(childOf(block), 4_000))
  await archiving.settled()
  const listed = await objects.commits?.(chain.id, { below: 1_000n, limit: 9 })
  expect(listed?.map(({ committedAt, term, leader }) => [committedAt, term, leader])).toEqual([
    [4_000, 4, 'seq-a'],
    [1_000, 4, 'seq-a'],
  ])
})

describe('the story of a night that this process did not see', () => {
  /** A gate of another process commits: ada, a failover that costs three slots, then bob. */
  async function night() {
    const stores = memoryStores()
    const heads = archiveCommits(
      stores.heads,
      () => chainArchive(objects, chain.id),
      (error) => {
        throw error
      },
    )
    await heads.write(chain.id, seedHead(genesis, 0, 0))
    let block: Block = genesis
    const lead = async (node: string, term: number, ago: number, count: number) => {
      const at = NOW - ago
      await heads.write(chain.id, fence(node, term, at - 1_000))
      await stores.history.append({
        chain: chain.id,
        id: `${new Date(at).toISOString()}#fence`,
        at: at - 1_000,
        actor: { kind: 'baton', name: 'monitor-1' },
        what: 'fence',
        node,
        term,
        head: block.number,
        reasons: [],
      })
      for (let i = 0; i < count; i++) {
        block = childOf(block)
        const payload = await packPayload(envelopeOf(block))
        await heads.commit(chain.id, commit(node, block, { payload }, at + i * BLOCK))
        await heads.settled()
      }
    }
    await lead('seq-a', 1, 120_000, 20)
    await lead('seq-b', 2, 120_000 - 23 * BLOCK, 30)
    const head = await stores.heads.read(chain.id)
    if (!head) throw new Error('there is a head')
    return { stores, head, view: { ...happy.view, head } }
  }

  test('every slot, gap, term and move is there, though the page was opened in the morning', async () => {
    const { stores, view } = await night()
    const recorder = recordStory(BLOCK, () => NOW)
    const filling = fillStory({ chain, objects, clock, history: stores.history }, recorder, silentLog)
    // Two looks of the monitor: the head is the first thing that this process knows.
    for (const _ of [1, 2]) recorder.onTick({ view, decision: happy.decision })
    const story = () => recorder.storyOf({ ...happy, chain, view, history: [] })
    await vi.waitFor(() => expect(recorder.holes()).toEqual([]), { timeout: 20_000 })
    await filling.close()
    expect(story()).toMatchObject({
      since: NOW - 120_000,
      unseen: [],
      stretches: [
        // From the fence on.
        { leader: 'seq-a', term: 1, from: NOW - 121_000, to: NOW - 82_000 },
        { leader: 'seq-b', term: 2, from: NOW - 74_000, to: NOW - 16_000 },
      ],
    })
    expect(story().gaps[0]).toMatchObject({ from: NOW - 82_000, to: NOW - 74_000, missed: 3 })
    const first = Number(genesis.number) + 21
    expect(recorder.save()).toContain(`"after":[{"number":${first}`)
  }, 40_000)

  test('an archive without a list is asked once, and what it does not know stays unknown', async () => {
    const { stores, view } = await night()
    const recorder = recordStory(BLOCK, () => NOW)
    const { commits: _, ...blind } = objects
    for (const _ of [1, 2]) recorder.onTick({ view, decision: happy.decision })
    const filling = fillStory({ chain, objects: blind, clock, history: stores.history }, recorder, silentLog)
    await vi.waitFor(() => expect(recorder.holes()).toEqual([]), { timeout: 20_000 })
    await filling.close()
    const { since, gaps, stretches } = recorder.storyOf({ ...happy, chain, view, history: [] })
    // That no block came after the head is known; who led before is in the history.
    expect(since).toBe(NOW - 16_000)
    expect(gaps).toEqual([expect.objectContaining({ from: NOW - 16_000, open: true })])
    expect(stretches[0]).toMatchObject({ leader: 'seq-a', term: 1 })
  }, 40_000)

  test('a long list lets others run in between, and knows one block of each number', async () => {
    const after = { number: 3_001, at: NOW, leader: 'ada', term: 3 }
    // After a move back, the number at which a slice would end has two blocks.
    const commits = Array.from({ length: 3_000 }, (_, i) => {
      const number = BigInt(3_000 - i)
      const block = { number, hash: hashOf(`${number}`), term: 3, leader: 'ada', committedAt: NOW - i * 20 }
      return number === 2_001n ? [{ ...block, term: 2, leader: 'bob' }, block] : [block]
    }).flat()
    const listing = {
      ...objects,
      commits: async (_: string, { below }: { below: bigint }) => commits.filter(({ number }) => number < below),
    }
    let [done, turns] = [false, 0]
    const count = () => {
      turns += 1
      if (!done) setImmediate(count)
    }
    setImmediate(count)
    const listed = await recallCommits({ chain, objects: listing, clock }, { after, asked: false }, [])
    done = true
    expect(turns).toBeGreaterThan(2)
    expect(listed.map(({ number }) => Number(number))).toEqual(Array.from({ length: 3_000 }, (_, i) => i + 1))
    expect(listed[2_000]).toMatchObject({ number: 2_001n, leader: 'ada', term: 3 })
  })

  test('failures that are over do not count: after many short outages it still fills in', async () => {
    const { stores, view } = await night()
    const recorder = recordStory(BLOCK, () => NOW)
    for (const _ of [1, 2]) recorder.onTick({ view, decision: happy.decision })
    let asked = 0
    const waited: number[] = []
    const listed = vi.fn(async (..._: unknown[]) => {
      asked += 1
      if (asked % 8 !== 0) throw new Error('away')
      return []
    })
    const story = { ...recorder, holes: () => (asked < 40 ? recorder.holes() : []), fill: () => {} }
    const quick = {
      ...clock,
      sleep: (ms: number, signal?: AbortSignal) => {
        waited.push(ms)
        return clock.sleep(1, signal)
      },
    }
    const ports = { chain, objects: { ...objects, commits: listed }, clock: quick, history: stores.history }
    const filling = fillStory(ports, story, silentLog)
    await vi.waitFor(() => expect(asked).toBe(40), { timeout: 20_000 })
    await filling.close()
    expect(waited.slice(0, 9)).toEqual([6_000, 12_000, 24_000, 48_000, 96_000, 192_000, 300_000, 3_000, 6_000])
  }, 40_000)

  test('an archive that does not answer is reported once', async () => {
    const { stores, view } = await night()
    const recorder = recordStory(BLOCK, () => NOW)
    for (const _ of [1, 2]) recorder.onTick({ view, decision: happy.decision })
    const warned: string[] = []
    const log: Log = { ...silentLog, warn: (text) => warned.push(text) }
    let asked = 0
    const failing = {
      ...objects,
      commits: async () => {
        asked += 1
        throw new Error('gone')
      },
    }
    const quick = { ...clock, sleep: (_: number, signal?: AbortSignal) => clock.sleep(1, signal) }
    const filling = fillStory({ chain, objects: failing, clock: quick, history: stores.history }, recorder, log)
    await vi.waitFor(() => expect(asked).toBe(20), { timeout: 20_000 })
    await filling.close()
    expect(warned).toEqual(["the page's timeline may have holes: the store does not answer"])
    expect(recorder.holes()).toHaveLength(1)
  }, 40_000)
})
