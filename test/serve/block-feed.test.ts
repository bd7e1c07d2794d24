import { describe, expect, test } from 'vitest'
import type { Block } from '../../lib/protocol/block.ts'
import { seedHead } from '../../lib/protocol/bootstrap.ts'
import { commit } from '../../lib/protocol/commit.ts'
import { fence } from '../../lib/protocol/grant.ts'
import { blockFeed, type Seen } from '../../lib/serve/block-feed.ts'
import { memoryStores } from '../../lib/store/memory/stores.ts'
import { childOf, genesis } from '../store/blocks.ts'

const CHAIN = '901'
const BLOCK = 2_000
const payload = { payload: new Uint8Array([1]) }

/** A chain that ada leads, and its feed. */
async function begin() {
  const { heads } = memoryStores()
  const seen: Seen[] = []
  const feed = blockFeed(heads, (each) => seen.push(each))
  await heads.write(CHAIN, seedHead(genesis, 0, 0))
  await heads.write(CHAIN, fence('ada', 1, 0))
  let tip: Block = genesis
  /** A commit of the next block, `at` some time. */
  const next = async (leader: string, at: number) => {
    const block = childOf(tip)
    const committed = await feed.heads.commit(CHAIN, commit(leader, block, payload, at))
    if (committed.applied) tip = block
    return committed.applied
  }
  /** What is noted is noted behind the hot path. */
  const settled = async (count: number) => {
    for (let i = 0; i < 1_000 && seen.length < count; i++) await new Promise(setImmediate)
    return feed.recent()
  }
  return { heads, feed, seen, next, settled }
}

describe('blocks', () => {
  test('newest first, each with leader, term and time; refused ones never', async () => {
    const { feed, next, settled, heads } = await begin()
    await next('ada', 10)
    expect(await next('bob', 11)).toBe(false)
    await next('ada', 12)
    await heads.write(CHAIN, fence('bob', 2, 13))
    await next('bob', 14)
    expect(await settled(3)).toMatchObject([
      { number: 103n, leader: 'bob', term: 2, committedAt: 14 },
      { number: 102n, leader: 'ada', term: 1, committedAt: 12 },
      { number: 101n, leader: 'ada', term: 1, committedAt: 10 },
    ])
    expect(feed.recent()).toHaveLength(3)
  })

  test('a fence right after a commit does not change whose block it was', async () => {
    const { next, settled, heads } = await begin()
    await next('ada', 10)
    await settled(1)
    const committing = next('ada', 12)
    await committing
    await heads.write(CHAIN, fence('bob', 2, 13))
    expect((await settled(2))[0]).toMatchObject({ leader: 'ada', term: 1 })
  })

  test('a block whose reply was lost is there when the node sends it again, once', async () => {
    const { heads } = memoryStores()
    await heads.write(CHAIN, seedHead(genesis, 0, 0))
    await heads.write(CHAIN, fence('ada', 1, 0))
    let lost = true
    const seen: Seen[] = []
    const losing: typeof heads = {
      ...heads,
      async commit(chain, write) {
        const committed = await heads.commit(chain, write)
        if (lost) throw new Error('no reply')
        return committed
      },
    }
    const feed = blockFeed(losing, (each) => seen.push(each))
    const block = childOf(genesis)
    await expect(feed.heads.commit(CHAIN, commit('ada', block, payload, 10))).rejects.toThrow('no reply')
    lost = false
    for (const at of [2_010, 2_020]) await feed.heads.commit(CHAIN, commit('ada', block, payload, at))
    await feed.heads.commit(CHAIN, commit('bob', block, payload, 2_030))
    await feed.heads.commit(CHAIN, commit('ada', childOf(block), payload, 2_040))
    for (let i = 0; i < 1_000 && seen.length < 2; i++) await new Promise(setImmediate)
    expect(seen.map(({ block }) => [block.number, block.committedAt, block.term])).toEqual([
      [101n, 10, 1],
      [102n, 2_040, 1],
    ])
  })

  test('the block before a gap is kept as long as the gap is in the window', async () => {
    const { next, settled } = await begin()
    await next('ada', 0)
    const outage = 100_000
    // The window of two minutes ends inside of the outage: its beginning must still be known.
    const count = 60
    for (let i = 0; i < count; i++) await next('ada', outage + i * BLOCK)
    const recent = await settled(count + 1)
    expect(recent.at(-1)?.committedAt).toBe(0)
    expect(recent).toHaveLength(count + 1)
  })

  test('it is bounded: blocks older than two minutes go', async () => {
    const { next, settled } = await begin()
    for (let i = 0; i < 400; i++) await next('ada', i * 1_000)
    const recent = await settled(400)
    expect(recent[0]?.committedAt).toBe(399_000)
    expect(recent.at(-1)?.committedAt).toBe(399_000 - 121_000)
  })
})
