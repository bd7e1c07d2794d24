import { describe, expect, test } from 'vitest'
import { fence } from '../../lib/protocol/grant.ts'
import { memoryHeads, memoryObjects } from '../../lib/store/memory/stores.ts'
import { readPayload } from '../../lib/store/payload.ts'
import { blockIn, blockOf, envelopeOf, hashOf, randomTransactions, type Version } from './payloads.ts'
import { CHAIN, commitAs, rig, send } from './rig.ts'

describe('outcomes', () => {
  test('the child of the head is committed', async () => {
    const { gate, head, objects, commits, lines } = await rig({ now: () => 5_000 })
    const envelope = envelopeOf(blockOf(11))
    expect(await commitAs(gate, 'a', envelope)).toEqual({ jsonrpc: '2.0', id: 7, result: null })
    const stored = await head()
    expect(stored).toMatchObject({ ...blockOf(11), leader: 'a', term: 2, committedTerm: 2, committedAt: 5_000 })
    expect(await readPayload(objects, stored ?? never())).toBe(JSON.stringify(envelope))
    expect(commits).toMatchObject([{ result: 'committed', timings: { bytes: JSON.stringify(envelope).length } }])
    expect(lines).toMatchObject([{ level: 'info', message: 'committed', facts: { node: 'a', number: '11' } }])
  })

  test('the same block again is committed once and answered with OK', async () => {
    const { gate, head, commits } = await rig({ now: ticking() })
    const envelope = envelopeOf(blockOf(11))
    await commitAs(gate, 'a', envelope)
    const first = await head()
    expect(await commitAs(gate, 'a', envelope)).toMatchObject({ result: null })
    expect(await head()).toEqual(first)
    expect(commits.map(({ result }) => result)).toEqual(['committed', 'repeated'])
  })

  test('both tries at once are both answered with OK, and one writes', async () => {
    const { gate, commits } = await rig()
    const envelope = envelopeOf(blockOf(11))
    const answers = await Promise.all([commitAs(gate, 'a', envelope), commitAs(gate, 'a', envelope)])
    expect(answers).toMatchObject([{ result: null }, { result: null }])
    expect(commits.map(({ result }) => result).sort()).toEqual(['committed', 'repeated'])
  })

  test('another node is answered that it is not the leader, whatever the block', async () => {
    const { gate, head, lines } = await rig()
    const before = await head()
    for (const number of [5, 10, 11, 12, 20]) {
      const { error } = await commitAs(gate, 'b', envelopeOf(blockOf(number)))
      expect(error).toMatchObject({ code: -32000, message: 'node b is not the leader' })
      expect(error?.data).toMatchObject({ code: 'not-leader', leader: 'a', term: 2, head: { number: 10 } })
    }
    expect(await head()).toEqual(before)
    expect(lines[0]).toMatchObject({
      level: 'warn',
      facts: { chain: CHAIN, node: 'b', code: 'not-leader', leader: 'a' },
    })
  })

  test('a fenced node is refused from the fence on, the new leader commits', async () => {
    const { gate, heads } = await rig()
    await commitAs(gate, 'a', envelopeOf(blockOf(11)))
    await heads.write(CHAIN, fence('b', 3, 1))
    expect(await commitAs(gate, 'a', envelopeOf(blockOf(12)))).toMatchObject({
      error: { data: { leader: 'b', term: 3 } },
    })
    expect(await commitAs(gate, 'b', envelopeOf(blockOf(12)))).toMatchObject({ result: null })
    expect(await heads.read(CHAIN)).toMatchObject({ number: 12n, committedTerm: 3 })
  })

  test.each([
    ['at the head', blockOf(10, 1)],
    ['below the head', blockOf(9, 1)],
    ['above the head on another parent', blockIn(envelopeOf({ ...blockOf(11), parentHash: hashOf(10, 1) }))],
  ])('a block %s with another hash is a conflict', async (_, block) => {
    const { gate, head, commits } = await rig()
    const { error } = await commitAs(gate, 'a', envelopeOf(block))
    expect(error).toMatchObject({ code: -32000, data: { code: 'conflict', head: { number: 10, hash: hashOf(10) } } })
    expect(error?.message).toContain(`${block.number} ${block.hash} conflicts with the committed head 10 ${hashOf(10)}`)
    expect(await head()).toMatchObject(blockOf(10))
    expect(commits).toMatchObject([{ result: 'conflict' }])
  })

  test('a block above the child of the head is a gap', async () => {
    const { gate } = await rig()
    const { error } = await commitAs(gate, 'a', envelopeOf(blockOf(13)))
    expect(error).toMatchObject({ code: -32000, data: { code: 'gap', block: { number: 13 }, head: { number: 10 } } })
    expect(error?.data.remedy).toContain('baton disaster return')
  })

  test('without a head no node commits', async () => {
    const { gate, head } = await rig({ seeded: false })
    const { error } = await commitAs(gate, 'a', envelopeOf(blockOf(11)))
    expect(error).toMatchObject({ code: -32000, data: { code: 'no-head' } })
    expect(await head()).toBeUndefined()
  })
})

describe('payloads', () => {
  test.each<Version>([1, 2, 3, 4])('version %i is kept byte for byte, whatever else is in it', async (version) => {
    const { gate, head, objects } = await rig()
    const envelope = envelopeOf(blockOf(11), { version })
    const later = { ...envelope, ofNextYear: { list: [1.0, '\u00e4\u{1f600}', null], '\\"}]': '[{"' } }
    const text = JSON.stringify(later, undefined, 3).replace('"0x57b0"', '"0x57b0" ').replace('1,', '1.00,')
    const body = `{"params" : [\n\t${text} ],"method":"conductor_commitUnsafePayload","id":1,"jsonrpc":"2.0"}`
    expect(JSON.parse((await send(gate, 'a', body)).body)).toMatchObject({ result: null })
    expect(await readPayload(objects, (await head()) ?? never())).toBe(text)
  })

  test('hashes are compared and kept in lower case', async () => {
    const { gate, head } = await rig()
    const { parentBeaconBlockRoot, executionPayload } = envelopeOf(blockOf(11))
    const blockHash = `0x${blockOf(11).hash.slice(2).toUpperCase()}`
    await commitAs(gate, 'a', { parentBeaconBlockRoot, executionPayload: { ...executionPayload, blockHash } })
    expect(await head()).toMatchObject({ hash: blockOf(11).hash })
  })

  test('a large payload goes to an object that is written first', async () => {
    const heads = memoryHeads()
    const objects = memoryObjects()
    const order: string[] = []
    const { gate, head, commits } = await rig({
      heads: {
        ...heads,
        commit: (chain, write) => {
          order.push('head')
          return heads.commit(chain, write)
        },
      },
      objects: {
        ...objects,
        put: (key, bytes) => {
          order.push('object')
          return objects.put(key, bytes)
        },
      },
    })
    const envelope = envelopeOf(blockOf(11), { transactions: randomTransactions(5_000_000, 100_000) })
    expect(JSON.stringify(envelope).length).toBeGreaterThan(10_000_000)
    expect(await commitAs(gate, 'a', envelope)).toMatchObject({ result: null })
    expect(order).toEqual(['object', 'head'])
    const stored = (await head()) ?? never()
    expect(stored.payload).toBeUndefined()
    expect(await readPayload(objects, stored)).toBe(JSON.stringify(envelope))
    expect(commits[0]?.timings.bytes).toBeGreaterThan(10_000_000)
    await commitAs(gate, 'a', envelopeOf({ ...blockOf(12), parentHash: stored.hash }))
    expect(await head()).not.toHaveProperty('payloadRef')
  })
})

describe('a store that fails', () => {
  const never = () => new Promise<never>(() => {})
  const fails = () => Promise.reject(new TypeError('socket hang up'))
  const large = () => envelopeOf(blockOf(11), { transactions: randomTransactions(800_000) })

  test('no answer within the budget is an error, never OK', async () => {
    const { gate, commits, lines } = await rig({ heads: { ...memoryHeads(), commit: never }, budgetMs: 30 })
    const started = performance.now()
    const { error } = await commitAs(gate, 'a', envelopeOf(blockOf(11)))
    expect(performance.now() - started).toBeLessThan(300)
    expect(error).toMatchObject({ code: -32000, message: 'store unavailable', data: { code: 'store-unavailable' } })
    expect(commits).toMatchObject([{ result: 'failed' }])
    expect(lines).toMatchObject([{ level: 'error', facts: { code: 'store-unavailable' } }])
  })

  test('an object that is not written within the budget is never committed, not even later', async () => {
    const heads = memoryHeads()
    let written = () => {}
    const put = () => new Promise<void>((resolve) => (written = resolve))
    const { gate, head } = await rig({ heads, objects: { ...memoryObjects(), put }, budgetMs: 30 })
    expect(await commitAs(gate, 'a', large())).toMatchObject({ error: { message: 'store unavailable' } })
    written()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await head()).toMatchObject({ number: 10n })
  })

  test('an object that cannot be written is an error, and the head stays', async () => {
    const { gate, head } = await rig({ objects: { ...memoryObjects(), put: fails } })
    expect(await commitAs(gate, 'a', large())).toMatchObject({ error: { code: -32603 } })
    expect(await head()).toMatchObject({ number: 10n })
  })

  describe('a payload that the head item could hold, where objects cost less', () => {
    const cheap = { inlineBytes: () => 3_000 }
    const some = () => envelopeOf(blockOf(11), { transactions: randomTransactions(20_000) })

    test('is an object, written before the commit', async () => {
      const { gate, head, objects } = await rig(cheap)
      expect(await commitAs(gate, 'a', some())).toMatchObject({ result: null })
      const { payload, payloadRef = '' } = (await head()) ?? {}
      expect(payload).toBeUndefined()
      expect(await objects.get(payloadRef)).toBeDefined()
    })

    test.each([
      ['is away', fails],
      ['does not answer', never],
    ])('goes into the head when the object store %s', async (_, put) => {
      const { gate, head } = await rig({ ...cheap, objects: { ...memoryObjects(), put } })
      expect(await commitAs(gate, 'a', some())).toMatchObject({ result: null })
      const { payload, payloadRef } = (await head()) ?? {}
      expect(payloadRef).toBeUndefined()
      expect(payload?.length).toBeGreaterThan(3_000)
    })

    test('is in the head when it is small', async () => {
      const { gate, head } = await rig({ ...cheap, objects: { ...memoryObjects(), put: fails } })
      expect(await commitAs(gate, 'a', envelopeOf(blockOf(11)))).toMatchObject({ result: null })
      expect((await head())?.payload).toBeDefined()
    })
  })

  test('the write may have happened: the same block again is OK', async () => {
    const heads = memoryHeads()
    let lose = true
    const { gate } = await rig({
      heads: {
        ...heads,
        commit: async (chain, write) => {
          const committed = await heads.commit(chain, write)
          return lose ? never() : committed
        },
      },
      budgetMs: 30,
    })
    const envelope = envelopeOf(blockOf(11))
    expect(await commitAs(gate, 'a', envelope)).toMatchObject({ error: { message: 'store unavailable' } })
    lose = false
    expect(await commitAs(gate, 'a', envelope)).toMatchObject({ result: null })
  })

  test('a fault that is not a store error is an internal error without details', async () => {
    const { gate, lines } = await rig({ heads: { ...memoryHeads(), commit: fails, read: fails } })
    expect(await commitAs(gate, 'a', envelopeOf(blockOf(11)))).toMatchObject({
      error: { code: -32603, message: 'internal error' },
    })
    expect(lines).toMatchObject([{ level: 'error', facts: { cause: expect.stringContaining('socket hang up') } }])
  })
})

function ticking(): () => number {
  let at = 0
  return () => ++at
}

function never(): never {
  throw new Error('there is no head')
}
