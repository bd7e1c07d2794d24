import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Block } from '../../lib/protocol/block.ts'
import { seedHead } from '../../lib/protocol/bootstrap.ts'
import { commit } from '../../lib/protocol/commit.ts'
import { fence } from '../../lib/protocol/grant.ts'
import type { Head } from '../../lib/protocol/records.ts'
import { type Archive, archiveKey, chainArchive, type WalkedBlock } from '../../lib/store/archive.ts'
import { archiveCommits, reconcileArchive } from '../../lib/store/archive-commits.ts'
import { archiveRecords } from '../../lib/store/archive-records.ts'
import { toItem } from '../../lib/store/dynamo/attributes.ts'
import { memoryHeads, memoryObjects } from '../../lib/store/memory/stores.ts'
import { packPayload, spillKey } from '../../lib/store/payload.ts'
import type { HeadStore, ObjectStore } from '../../lib/store/stores.ts'
import { childOf, envelopeOf, genesis } from './blocks.ts'

const chain = '901'
let objects: ObjectStore
let archive: Archive

beforeEach(() => {
  objects = memoryObjects()
  archive = chainArchive(objects, chain)
})

async function headOf(block: Block): Promise<Head> {
  const payload = new Uint8Array(await packPayload(envelopeOf(block)))
  return { chain, ...block, payload, leader: 'ada', term: 1, committedTerm: 1, committedAt: 1, fencedAt: 1 }
}

function chainOf(length: number): Block[] {
  return Array.from({ length: length - 1 }).reduce<Block[]>(
    (blocks) => [...blocks, childOf(blocks.at(-1) ?? genesis)],
    [childOf(genesis)],
  )
}

async function walk(from: Block, downTo: bigint) {
  const walked: WalkedBlock[] = []
  for await (const block of archive.walkBack(from, downTo)) walked.push(block)
  return walked.map(({ found, number, hash }) => ({ found, number, hash }))
}

test('lists the hashes of a number, every branch of it', async () => {
  const [first = genesis] = chainOf(2)
  const other = childOf(genesis, 'other')
  await archive.put(await headOf(first))
  await archive.put(await headOf(other))
  expect((await archive.hashesAt(first.number))?.toSorted()).toEqual([first.hash, other.hash].toSorted())
  expect(await archive.hashesAt(first.number + 1n)).toEqual([])
  expect([await archive.has(first.number), await archive.has(first.number + 1n)]).toEqual([true, false])
  const { list: _, ...blind } = objects
  expect(await chainArchive(blind, chain).has(first.number)).toBeUndefined()
})

const found = ({ number, hash }: Block) => ({ found: true, number, hash })

describe('chainArchive', () => {
  test('what was committed is got by number and hash', async () => {
    const [block = genesis] = chainOf(1)
    expect(await archive.get(block)).toBeUndefined()
    expect(await archive.put(await headOf(block))).toBe(true)
    expect(await archive.get(block)).toBe(envelopeOf(block))
    expect(archiveKey(chain, block)).toBe(`901/payloads/000000000101/${block.hash}.json.zst`)
  })

  test('a seeded head has nothing to archive', async () => {
    const { payload: _, ...seeded } = await headOf(genesis)
    expect(await archive.put(seeded)).toBe(false)
  })

  test.each(['of this version', 'of a version without digests'])('a spilled payload %s is copied', async (of) => {
    const { payload = new Uint8Array(), ...head } = await headOf(childOf(genesis))
    const payloadRef = of === 'of this version' ? spillKey(chain, head, payload) : `901/spill/101-${head.hash}`
    await expect(archive.put({ ...head, payloadRef })).rejects.toMatchObject({ name: 'MissingPayloadError' })
    await objects.put(payloadRef, payload)
    expect(await archive.put({ ...head, payloadRef })).toBe(true)
    expect(await archive.get(head)).toBe(envelopeOf(head))
  })

  test('walkBack: all the way', async () => {
    const blocks = chainOf(5)
    for (const block of blocks) await archive.put(await headOf(block))
    expect(await walk(blocks[4] ?? genesis, 103n)).toEqual(blocks.slice(2).toReversed().map(found))
  })

  test('walkBack: names the block that is missing, and follows hashes, not numbers', async () => {
    const blocks = chainOf(5)
    const other = childOf(blocks[1] ?? genesis, 'another branch')
    for (const block of blocks.toSpliced(2, 1)) await archive.put(await headOf(block))
    await archive.put(await headOf(other))
    expect(await walk(blocks[4] ?? genesis, 101n)).toEqual([
      found(blocks[4] ?? genesis),
      found(blocks[3] ?? genesis),
      { found: false, number: 103n, hash: blocks[2]?.hash },
    ])
  })

  test('an object that is another block than its key says is an error', async () => {
    const block = childOf(genesis)
    const packed = await packPayload(envelopeOf(childOf(genesis, 'other')))
    await objects.put(archiveKey(chain, block), packed)
    await expect(archive.get(block)).rejects.toMatchObject({ name: 'CorruptRecordError' })
  })
})

describe('archiveRecords', () => {
  const record = (SequenceNumber: string, head: object) => ({ dynamodb: { SequenceNumber, NewImage: toItem(head) } })

  test('archives each head, from Lambda (base64) and from the streams API (bytes), any number of times', async () => {
    const [a = genesis, b = genesis] = chainOf(2)
    const bytes = record('1', await headOf(a))
    const inLambda = JSON.parse(
      JSON.stringify(record('2', await headOf(b)), (_, value: unknown) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
      ),
    )
    const removed = { dynamodb: { SequenceNumber: '3' } }
    for (let i = 0; i < 2; i++) {
      expect(await archiveRecords(objects, [bytes, inLambda, removed])).toEqual({ batchItemFailures: [] })
    }
    expect(await walk(b, 101n)).toEqual([found(b), found(a)])
  })

  test('names exactly the records that failed', async () => {
    const [a = genesis, b = genesis, c = genesis] = chainOf(3)
    const { payload: _, ...spilled } = await headOf(b)
    const failures: string[] = []
    const response = await archiveRecords(
      objects,
      [
        record('1', await headOf(a)),
        record('2', { ...spilled, payloadRef: spillKey(chain, b) }),
        record('3', await headOf(c)),
        record('4', { chain, number: 'corrupt' }),
      ],
      (error, sequenceNumber) => failures.push(`${sequenceNumber} ${(error as Error).name}`),
    )
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }, { itemIdentifier: '4' }] })
    expect(failures.sort()).toEqual(['2 MissingPayloadError', '4 CorruptRecordError'])
    expect(await archive.get(c)).toBe(envelopeOf(c))
  })
})

describe('archiveCommits', () => {
  const failures: string[] = []
  const onFailure = (error: unknown) => failures.push((error as Error).message)
  const slow = (objects: ObjectStore, ms: number): ObjectStore => ({
    ...objects,
    async put(key, bytes) {
      await sleep(ms)
      await objects.put(key, bytes)
    },
  })
  const start = async (heads: HeadStore) => {
    failures.length = 0
    await heads.write(chain, seedHead(genesis, 0, 0))
    await heads.write(chain, fence('ada', 1, 0))
  }
  const write = async (block: Block) => commit('ada', block, { payload: await packPayload(envelopeOf(block)) }, 1)

  test('every commit is archived before its payload is overwritten', async () => {
    const archiving = archiveCommits(memoryHeads(), () => chainArchive(slow(objects, 10), chain), onFailure)
    await start(archiving)
    const blocks = chainOf(6)
    for (const block of blocks) expect(await archiving.commit(chain, await write(block))).toEqual({ applied: true })
    await archiving.settled()
    expect(await walk(blocks[5] ?? genesis, 101n)).toEqual(blocks.toReversed().map(found))
    expect(failures).toEqual([])
  })

  test('an archive that hangs delays a commit a little and stops none', async () => {
    const hanging = { ...objects, put: () => new Promise<void>(() => {}) }
    const heads = archiveCommits(memoryHeads(), () => chainArchive(hanging, chain), onFailure, { waitMs: 20 })
    await start(heads)
    const begun = performance.now()
    for (const block of chainOf(3)) expect(await heads.commit(chain, await write(block))).toEqual({ applied: true })
    expect(performance.now() - begun).toBeLessThan(200)
  })

  test('an archive that fails is reported, and the commit stands', async () => {
    const failing = { ...objects, put: () => Promise.reject(new Error('no room')) }
    const heads = archiveCommits(memoryHeads(), () => chainArchive(failing, chain), onFailure)
    await start(heads)
    expect(await heads.commit(chain, await write(childOf(genesis)))).toEqual({ applied: true })
    await heads.settled()
    expect(failures).toEqual(['no room'])
  })

  test('a block whose reply was lost, or that another process committed, is archived before its child', async () => {
    const memory = memoryHeads()
    await start(memory)
    const [a = genesis, b = genesis, c = genesis] = chainOf(3)
    await memory.commit(chain, await write(a))
    const heads = archiveCommits(memory, () => archive, onFailure)
    await heads.commit(chain, await write(b))
    await heads.settled()
    expect(await walk(b, 101n)).toEqual([found(b), found(a)])
    await memory.commit(chain, await write(c))
    const d = childOf(c)
    await heads.commit(chain, await write(d))
    await heads.settled()
    expect(await walk(d, 101n)).toEqual([d, c, b, a].map(found))
  })

  test('a block whose reply was lost is archived from what was written: the head need not be read', async () => {
    const memory = memoryHeads()
    await start(memory)
    const [a = genesis, b = genesis, c = genesis] = chainOf(3)
    let lost = false
    const failing: HeadStore = {
      ...memory,
      async commit(of, change) {
        const committed = await memory.commit(of, change)
        if (lost) throw new Error('no reply')
        return committed
      },
      readWithPayload: () => Promise.reject(new Error('no reply')),
    }
    const heads = archiveCommits(failing, () => archive, onFailure)
    lost = true
    await expect(heads.commit(chain, await write(a))).rejects.toThrow('no reply')
    lost = false
    // op-node sends it again; then comes its child.
    await heads.commit(chain, await write(a))
    for (const block of [b, c]) await heads.commit(chain, await write(block))
    await heads.settled()
    expect(await walk(c, 101n)).toEqual([c, b, a].map(found))
  })

  test('a block whose write was refused to its own retry is archived at once: its child need not read the head', async () => {
    const memory = memoryHeads()
    await start(memory)
    const blocks = chainOf(3)
    const retrying: HeadStore = {
      ...memory,
      async commit(of, change) {
        const { applied } = await memory.commit(of, change)
        return applied ? { applied: false, old: await memory.read(of) } : await memory.commit(of, change)
      },
      readWithPayload: () => Promise.reject(new Error('no reply')),
    }
    const heads = archiveCommits(retrying, () => archive, onFailure)
    for (const block of blocks) await heads.commit(chain, await write(block))
    await heads.settled()
    expect(await walk(blocks[2] ?? genesis, 101n)).toEqual(blocks.toReversed().map(found))
  })

  test('a block whose reply was lost is archived, though the one before it still is', async () => {
    const memory = memoryHeads()
    await start(memory)
    const [a = genesis, b = genesis, c = genesis] = chainOf(3)
    const losing: HeadStore = {
      ...memory,
      async commit(of, change) {
        const committed = await memory.commit(of, change)
        if (change.set.hash === b.hash) throw new Error('no reply')
        return committed
      },
    }
    const heads = archiveCommits(losing, () => chainArchive(slow(objects, 100), chain), onFailure, { waitMs: 5 })
    await heads.commit(chain, await write(a))
    await expect(heads.commit(chain, await write(b))).rejects.toThrow('no reply')
    await heads.commit(chain, await write(c))
    await heads.settled()
    expect(await walk(c, 101n)).toEqual([c, b, a].map(found))
  })

  test('reconcileArchive archives the head and names the gap below it', async () => {
    const memory = memoryHeads()
    await start(memory)
    const [a = genesis, b = genesis, c = genesis] = chainOf(3)
    expect(await reconcileArchive(memory, archive, chain, 10n)).toBeUndefined()
    for (const block of [a, b, c]) await memory.commit(chain, await write(block))
    expect(await reconcileArchive(memory, archive, chain, 2n)).toEqual({ number: 102n, hash: b.hash })
    expect(await archive.get(c)).toBe(envelopeOf(c))
    await archive.put(await headOf(b))
    await archive.put(await headOf(a))
    expect(await reconcileArchive(memory, archive, chain, 2n)).toBeUndefined()
  })
})
