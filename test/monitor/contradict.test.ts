import { describe, expect, test } from 'vitest'
import type { ChainPorts } from '../../lib/context/ports.ts'
import type { L1Port } from '../../lib/l1/watch.ts'
import { askL1 } from '../../lib/monitor/contradict.ts'
import type { Block, BlockId, Hash } from '../../lib/protocol/block.ts'
import type { L1View } from '../../lib/protocol/l1.ts'
import { archiveKey } from '../../lib/store/archive.ts'
import { memoryObjects } from '../../lib/store/memory/stores.ts'
import { packPayload } from '../../lib/store/payload.ts'
import { hashOf, head, l2, type Scene, T, view } from '../protocol/scene.ts'

/** Two of three nodes stand at block 96 of another branch; the head, block 100, is beside their chain. */
type World = {
  /** What each node's chain has for each query, by number; and whether it keeps the head. */
  readonly branch?: number
  readonly keepsHead?: boolean
  /** The highest block of their chain. */
  readonly up?: bigint
  /** The committed blocks in the archive. */
  readonly archived?: readonly Block[]
  readonly l1?: Partial<L1Port> | null
  /** L1's hash where the head's origin (block 10) is, where the safe block's (block 8) is, and its head. */
  readonly headOrigin?: Hash
  readonly safeOrigin?: Hash
  readonly l1Head?: bigint
}

const origin = (number: bigint): BlockId => ({ number, hash: hashOf(number, 9) })
const limits = { window: 50n, maxDriftS: 1_800, slotMs: 12_000 }

function scene(branch: number): Scene {
  const at = { ...l2(96n, branch), l1Origin: origin(9n) }
  const node = { at, asked: { number: 100n, hash: null } }
  return { after: 4_000, b: node, c: node }
}

/** The view of a scene, with the nodes' safe block on their branch. */
function viewOf(branch: number) {
  const seen = view(scene(branch))
  for (const name of ['b', 'c']) {
    const consensus = seen.observed[name]?.observation.consensus
    if (consensus?.ok) Object.assign(consensus.value, { safe: { ...l2(95n, branch), l1Origin: origin(8n) } })
  }
  return seen
}

async function portsOf(world: World): Promise<ChainPorts> {
  const { branch = 1, keepsHead = true, up = 96n, archived = [], l1Head = 20n } = world
  const objects = memoryObjects()
  for (const { number, hash, parentHash } of archived) {
    const executionPayload = { blockNumber: `0x${number.toString(16)}`, blockHash: hash, parentHash }
    await objects.put(archiveKey('901', { number, hash }), await packPayload(JSON.stringify({ executionPayload })))
  }
  const look: L1View = {
    limits,
    sample: { at: T, head: { number: l1Head, hash: hashOf(l1Head, 9), timestamp: 0n } },
  }
  const l1: L1Port = {
    latest: () => look,
    observe: async () => look,
    head: async () => ({ number: l1Head, hash: hashOf(l1Head, 9), timestamp: 0n }),
    hashAt: async (number) => {
      if (number === 10n) return world.headOrigin ?? hashOf(10n, 9)
      return number === 8n ? (world.safeOrigin ?? hashOf(8n, 9)) : hashOf(number, 9)
    },
    ...world.l1,
  }
  const block = async (query: { number: bigint } | { hash: Hash }) => {
    if ('number' in query) return query.number <= up ? l2(query.number, branch) : null
    return keepsHead && query.hash === head().hash ? l2(100n) : null
  }
  const parts = {
    objects,
    chain: { id: '901' },
    nodes: view().nodes,
    port: () => ({ block }),
    ...(world.l1 !== null && { l1 }),
  }
  // Only what is asked for here; everything else would fail loudly.
  return parts as unknown as ChainPorts
}

async function asked(world: World = {}) {
  const branch = world.branch ?? 1
  const { contradiction, unexplained } = await askL1(await portsOf({ ...world, branch }), viewOf(branch))
  if (contradiction)
    return `${contradiction.why.code} ${contradiction.block.number}/${contradiction.block.hash.slice(-3)}`
  return unexplained ? `${unexplained.code}: ${unexplained.evidence.message}` : 'nothing'
}

describe('the origin of the head was replaced', () => {
  const replaced = { headOrigin: hashOf(10n, 3), branch: 0 }
  const committed = [l2(96n), l2(95n)]
  test('proof: the nodes stand at a block that was committed', async () => {
    expect(await asked({ ...replaced, archived: committed })).toBe(`l1-reorged 96/${hashOf(96n).slice(-3)}`)
  })
  test('where they stand L1 does not have the origin either: no proof, they have farther to go', async () => {
    const gone = { hashAt: async (number: bigint) => (number < 9n ? hashOf(number, 9) : hashOf(number, 3)) }
    expect(await asked({ ...replaced, archived: committed, l1: gone })).toBe(
      'left-head: L1 does not have the origin of their block 96',
    )
  })
  test('where they stand was never committed: no proof', async () => {
    expect(await asked({ ...replaced, archived: [l2(95n)] })).toMatch(/^left-head/)
  })
})

describe('one of those that left names something far off', () => {
  const three = (lie: { unsafe?: bigint; safe?: bigint }) => {
    const seen = view({ ...scene(0), a: scene(0).b ?? {} })
    for (const name of ['a', 'b', 'c']) {
      const consensus = seen.observed[name]?.observation.consensus
      const at = (number: bigint) => ({ ...l2(number), l1Origin: origin(8n) })
      if (!consensus?.ok) continue
      Object.assign(consensus.value, { safe: at(95n) })
      if (name !== 'a') continue
      if (lie.unsafe !== undefined) Object.assign(consensus.value, { unsafe: at(lie.unsafe) })
      if (lie.safe !== undefined) Object.assign(consensus.value, { safe: at(lie.safe) })
    }
    return seen
  }
  const world = { headOrigin: hashOf(10n, 3), branch: 0, archived: [l2(96n), l2(95n), l2(3n), l2(2n)] }
  test.each([
    ['a low newest block', { unsafe: 3n, safe: 2n }],
    ['a low safe block', { safe: 0n }],
    ['a high safe block', { safe: 2n ** 52n }],
  ])('%s: the head goes no further back than the others stand', async (_, lie) => {
    const { contradiction } = await askL1(await portsOf(world), three(lie))
    expect(contradiction).toMatchObject({ why: { code: 'l1-reorged' }, block: { number: 96n } })
  })
})

describe('the sequencing window is over', () => {
  const expired = { l1Head: 8n + 50n, archived: [l2(95n)] }
  test('proof: L1 derives a block where another was committed; not above what is derived', async () => {
    expect(await asked(expired)).toBe(`window-expired 95/${hashOf(95n, 1).slice(-3)}`)
  })
  test('a block before its end: no proof', async () => {
    expect(await asked({ ...expired, l1Head: 8n + 49n })).toBe(
      'left-head: L1 is at block 57, and has the origin of the head',
    )
  })
  test('the derived block was committed: no proof', async () => {
    expect(await asked({ ...expired, archived: [l2(95n, 1)] })).toMatch(/^left-head/)
  })
})

/** Committed in the moment before its window was over, and inserted nowhere: no node has it, nor left its parent. */
test('L1 derives another block in place of the head, which no node ever had', async () => {
  const branches = { keepsHead: false, branch: 1, up: 101n }
  const ports = await portsOf(branches)
  const seen = viewOf(1)
  for (const name of ['b', 'c']) {
    const look = seen.observed[name]?.observation
    const top = { ...l2(101n, 1), l1Origin: origin(8n) }
    if (look?.consensus.ok) Object.assign(look.consensus.value, { unsafe: top, safe: top })
    if (look?.execution.ok) Object.assign(look.execution.value, { at: { number: 100n, hash: hashOf(100n, 1) } })
  }
  const parent = { ...head(), parentHash: l2(99n, 1).hash }
  const { contradiction } = await askL1(ports, { ...seen, head: parent })
  expect(contradiction).toMatchObject({ why: { code: 'l1-derived' }, block: { number: 101n } })
})

describe('no proof', () => {
  const expired = { l1Head: 8n + 50n, archived: [l2(95n)] }
  test.each<[string, World, RegExp]>([
    ['no block of that number was archived', { archived: [] }, /has the origin of the head/],
    ['no endpoint of our own', { l1: null }, /no L1 endpoint of our own/],
    [
      'it does not answer',
      { l1: { head: () => Promise.reject(new Error('no answer in time')) } },
      /asking failed: no answer/,
    ],
    ['it was not asked yet', { l1: { latest: () => undefined } }, /not asked yet/],
    ['it fails halfway', { l1: { hashAt: () => Promise.reject(new Error('gone')) } }, /asking failed: gone/],
    [
      'it has another chain than the nodes',
      { safeOrigin: hashOf(8n, 4) },
      /does not have the origin of their safe block/,
    ],
  ])('%s', async (_, world, why) => {
    expect(await asked({ ...expired, ...world })).toMatch(why)
  })
  test('nodes that lag behind have not left: no node is asked', async () => {
    expect(await asked({ ...expired, keepsHead: false })).toBe('nothing')
  })
})
