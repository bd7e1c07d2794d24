import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { MAX_PROVED_BYTES } from '../../lib/gate/envelope.ts'
import { seedHead } from '../../lib/protocol/bootstrap.ts'
import { fence } from '../../lib/protocol/grant.ts'
import { memoryHeads, memoryObjects } from '../../lib/store/memory/stores.ts'
import { readPayload } from '../../lib/store/payload.ts'
import { blockIn, blockOf, envelopeOf, hashOf, namedAs, randomTransactions, type Version } from './payloads.ts'
import { CHAIN, call, commitAs, rig, send } from './rig.ts'

type Envelope = ReturnType<typeof envelopeOf>
type Payload = Envelope['executionPayload']

const good = envelopeOf(blockOf(11))
const having = (change: Record<string, unknown>, of: Envelope = good) => ({
  ...of,
  executionPayload: { ...of.executionPayload, ...change },
})
const without = (field: string, of: Envelope = good) => having({ [field]: undefined }, of)
/** Packs to more than fits into the head item. */
const large = (block = blockOf(11)) => envelopeOf(block, { transactions: randomTransactions(800_000) })

/** A rig that counts what is written as objects. */
async function counted(options: Parameters<typeof rig>[0] = {}) {
  const objects = memoryObjects()
  const puts: string[] = []
  const put: typeof objects.put = (key, ...rest) => {
    puts.push(key)
    return objects.put(key, ...rest)
  }
  return { ...(await rig({ objects: { ...objects, put }, ...options })), puts }
}

describe('a block that is not its hash', () => {
  const wrong: [string, unknown][] = [
    ['another hash', namedAs(`0x${'ab'.repeat(32)}`, good)],
    ['another state root', having({ stateRoot: `0x${'11'.repeat(32)}` })],
    ['another transaction', having({ transactions: ['0x02c1'] })],
    ['one transaction more', having({ transactions: ['0x02c0', '0x02c0'] })],
    ['another timestamp', having({ timestamp: '0x65432100' })],
    ['another beacon root', { ...good, parentBeaconBlockRoot: `0x${'22'.repeat(32)}` }],
    ['the content of a sibling', namedAs(hashOf(11), envelopeOf(blockOf(11, 1)))],
    ['a field in another case', having({ StateRoot: `0x${'11'.repeat(32)}` })],
    ['the hash of another fork', namedAs(hashOf(11), envelopeOf(blockOf(11), { version: 4 }))],
  ]
  test.each(wrong)('%s: refused by name, nothing is written', async (_, envelope) => {
    const { gate, head, commits } = await rig()
    const before = await head()
    const { error } = await commitAs(gate, 'a', envelope)
    expect(error).toMatchObject({ code: -32000, data: { code: 'wrong-hash', block: { number: 11 } } })
    expect(error?.message).toMatch(/^block 11 0x[0-9a-f]{64} is not the block its hash names: /)
    expect(await head()).toEqual(before)
    expect(commits).toEqual([])
    expect(await commitAs(gate, 'a', good), 'the right one is still taken').toMatchObject({ result: null })
  })

  test('in a batch, its child is refused with it', async () => {
    const { gate, head } = await rig()
    const commit = (id: number, envelope: unknown) =>
      ({ jsonrpc: '2.0', id, method: 'conductor_commitUnsafePayload', params: [envelope] }) as const
    const batch = [commit(1, having({ gasUsed: '0x1' })), commit(2, envelopeOf(blockOf(12)))]
    const { body } = await send(gate, 'a', JSON.stringify(batch))
    expect(JSON.parse(body)).toMatchObject([
      { id: 1, error: { data: { code: 'wrong-hash' } } },
      { id: 2, error: { data: { code: 'gap' } } },
    ])
    expect(await head()).toMatchObject({ number: 10n })
  })

  test('sizes: checked up to the bound, reported as unchecked above it', async () => {
    for (const [bytes, checked] of [
      [1_000, 'proved'],
      [20_000, 'proved'],
      [60_000, 'too-large'],
    ] as const) {
      const { gate, commits } = await rig()
      const envelope = envelopeOf(blockOf(11), { transactions: randomTransactions(bytes, 250) })
      expect(JSON.stringify(envelope).length > MAX_PROVED_BYTES).toBe(checked === 'too-large')
      const answer = await commitAs(gate, 'a', namedAs(hashOf(11), envelope))
      expect(answer.error?.data.code).toBe(checked === 'proved' ? 'wrong-hash' : undefined)
      if (checked === 'proved') expect(await commitAs(gate, 'a', envelope)).toMatchObject({ result: null })
      expect(commits).toMatchObject([{ timings: { checked } }])
    }
  })

  test.each<Version>([1, 2, 3, 4])('version %i: a true block passes as proved, in capitals too', async (version) => {
    const shout = (json: string) => json.replace(/"0x([0-9a-f]+)"/g, (_, hex: string) => `"0x${hex.toUpperCase()}"`)
    const { gate, commits } = await rig()
    const envelope = envelopeOf(blockOf(11), { version })
    expect(await commitAs(gate, 'a', JSON.parse(shout(JSON.stringify(envelope))))).toMatchObject({ result: null })
    expect(commits).toMatchObject([{ timings: { checked: 'proved' } }])
  })

  test('null for what a fork has not is as good as nothing', async () => {
    const { gate, commits } = await rig()
    const before = envelopeOf(blockOf(11), { version: 1 })
    const nulls = { withdrawals: null, blobGasUsed: null, excessBlobGas: null, withdrawalsRoot: null }
    expect(await commitAs(gate, 'a', { parentBeaconBlockRoot: null, ...having(nulls, before) })).toMatchObject({
      result: null,
    })
    expect(commits).toMatchObject([{ timings: { checked: 'proved' } }])
  })

  test.each(['op-node-2024-10', 'op-node-v1.16.11'])('every block of a real %s passes as proved', async (file) => {
    const lines = readFileSync(new URL(`../fixtures/${file}.jsonl`, import.meta.url), 'utf8')
      .trim()
      .split('\n')
    const envelopes: Envelope[] = lines.flatMap((line) => JSON.parse(line).request.params?.[0] ?? [])
    for (const envelope of envelopes) {
      const { number, parentHash } = blockIn(envelope)
      const parent = { number: number - 1n, hash: parentHash, parentHash, timestamp: 0n }
      const one = await rig({ heads: memoryHeads(), seeded: false })
      await one.heads.write(CHAIN, seedHead(parent, 1, 1))
      await one.heads.write(CHAIN, fence('a', 2, 2))
      expect(await commitAs(one.gate, 'a', envelope)).toMatchObject({ result: null })
      expect(one.commits).toMatchObject([{ timings: { checked: 'proved' } }])
    }
    expect(envelopes.length).toBeGreaterThan(10)
  })
})

describe('a fork this version does not know', () => {
  test.each([
    ['a field of the payload', having({ slotNumber: '0x1' })],
    ['a field of the envelope', { ...good, requestsHash: `0x${'33'.repeat(32)}` }],
    ['withdrawals', having({ withdrawals: [{ index: '0x0' }] })],
  ])('%s: the block passes unchecked, and the log says so once', async (_, envelope) => {
    const { gate, head, commits, lines } = await rig()
    const unlike = namedAs(`0x${'cd'.repeat(32)}`, envelope as Envelope)
    for (let i = 0; i < 3; i++) expect(await commitAs(gate, 'a', unlike)).toMatchObject({ result: null })
    expect(await head()).toMatchObject({ number: 11n, hash: `0x${'cd'.repeat(32)}` })
    expect(commits[0]).toMatchObject({ timings: { checked: 'unknown-fork' } })
    expect(lines.filter(({ level }) => level === 'warn')).toMatchObject([
      { message: expect.stringContaining('hashes are not checked'), facts: { fields: expect.any(Array) } },
    ])
  })
})

describe('what no op-node sends', () => {
  const always: (keyof Payload)[] = [
    ...(['parentHash', 'feeRecipient', 'stateRoot', 'receiptsRoot', 'logsBloom', 'prevRandao', 'blockNumber'] as const),
    ...(['gasLimit', 'gasUsed', 'timestamp', 'extraData', 'baseFeePerGas', 'blockHash', 'transactions'] as const),
  ]
  const v4 = envelopeOf(blockOf(11), { version: 4 })
  const refused: [string, unknown, string][] = [
    ...always.map((field): [string, unknown, string] => [
      `without ${field}`,
      without(field),
      `executionPayload.${field}`,
    ]),
    ...always.map((field): [string, unknown, string] => [
      `a ${field} of null`,
      having({ [field]: null }),
      `executionPayload.${field}`,
    ]),
    ['the largest timestamp', having({ timestamp: '0xffffffffffffffff' }), 'executionPayload.timestamp'],
    ['a timestamp in ms', having({ timestamp: `0x${(1_700_000_022_000).toString(16)}` }), 'executionPayload.timestamp'],
    ['a timestamp after 2106', having({ timestamp: '0x100000000' }), 'executionPayload.timestamp'],
    ['a timestamp of zero', having({ timestamp: '0x0' }), 'executionPayload.timestamp'],
    ['a decimal number', having({ blockNumber: '11' }), 'executionPayload.blockNumber'],
    ['a decimal gas limit', having({ gasLimit: '30000000' }), 'executionPayload.gasLimit'],
    ['a JSON number', having({ gasUsed: 22_448 }), 'executionPayload.gasUsed'],
    ['more gas used than there is', having({ gasUsed: '0x1c9c381' }), 'executionPayload.gasUsed'],
    ['a short bloom', having({ logsBloom: '0x00' }), 'executionPayload.logsBloom'],
    ['a short address', having({ feeRecipient: '0x42' }), 'executionPayload.feeRecipient'],
    ['no transactions', having({ transactions: [] }), 'executionPayload.transactions'],
    ['no beacon root with blobGasUsed', { executionPayload: good.executionPayload }, 'parentBeaconBlockRoot'],
    ['no excessBlobGas', without('excessBlobGas'), 'executionPayload.excessBlobGas'],
    ['no blobGasUsed', without('blobGasUsed'), 'executionPayload.blobGasUsed'],
    ['no withdrawals since Ecotone', without('withdrawals'), 'executionPayload.withdrawals'],
    ['a withdrawals root alone', without('blobGasUsed', { ...v4 }), 'executionPayload.blobGasUsed'],
    ['withdrawals that are no list', having({ withdrawals: {} }), 'executionPayload.withdrawals'],
  ]
  test.each(refused)('%s: the field is named, nothing is written', async (_, envelope, field) => {
    const { gate, head } = await rig()
    const { error } = await commitAs(gate, 'a', envelope)
    expect(error).toMatchObject({ code: -32602, data: { field: `params[0].${field}` } })
    expect(await head()).toMatchObject({ number: 10n })
  })

  test('the block of a report: a hash, a number, a far timestamp and nothing else', async () => {
    const { gate, head } = await rig()
    const executionPayload = {
      parentHash: hashOf(10),
      blockHash: `0x${'ab'.repeat(31)}10`,
      blockNumber: '0xb',
      timestamp: '0xffffffffffffffff',
      transactions: ['0x02c0'],
    }
    expect(await commitAs(gate, 'a', { executionPayload })).toMatchObject({ error: { code: -32602 } })
    expect(await head()).toMatchObject({ number: 10n })
  })

  test.each([['stateRoot'], ['withdrawals'], ['extraData']] as const)(
    '%s given twice: Go would join what JSON.parse replaces',
    async (field) => {
      const { gate, head } = await rig()
      const twice = JSON.stringify(good).replace(`"${field}"`, `"${field}":null,"${field}"`)
      const body = `{"jsonrpc":"2.0","id":1,"method":"conductor_commitUnsafePayload","params":[${twice}]}`
      const { error } = JSON.parse((await send(gate, 'a', body)).body)
      expect(error).toMatchObject({ code: -32602, message: expect.stringContaining(`has "${field}" twice`) })
      expect(await head()).toMatchObject({ number: 10n })
    },
  )

  test.each([
    ['SSZ as hex', '0x0102'],
    ['an object of bytes', { 0: 1 }],
  ])('%s is no envelope', async (_, param) => {
    const { gate } = await rig()
    expect(await call(gate, 'a', 'conductor_commitUnsafePayload', [param])).toMatchObject({ error: { code: -32602 } })
  })
})

describe('a payload that goes to an object', () => {
  test('its key ends in the digest of its bytes', async () => {
    const { gate, head, objects } = await rig()
    const envelope = large()
    expect(await commitAs(gate, 'a', envelope)).toMatchObject({ result: null })
    const { payloadRef = '' } = (await head()) ?? {}
    const bytes = await objects.get(payloadRef)
    const digest = createHash('sha256')
      .update(bytes ?? '')
      .digest('hex')
    expect(payloadRef).toBe(`901/spill/11-${blockIn(envelope).hash}-${digest}`)
  })

  test('a node that does not lead writes nothing, and cannot replace the payload of the head', async () => {
    const { gate, head, objects, puts } = await counted()
    const envelope = large()
    const { hash } = blockIn(envelope)
    await commitAs(gate, 'a', envelope)
    const stored = (await head()) ?? never()
    for (let i = 0; i < 3; i++) {
      const answer = await commitAs(gate, 'b', namedAs(hash, large()))
      expect(answer).toMatchObject({ error: { data: { code: 'not-leader' } } })
    }
    expect(puts).toEqual([stored.payloadRef])
    expect(await readPayload(objects, stored)).toBe(JSON.stringify(envelope))
  })

  test.each([
    ['a fenced leader', 'b', 11, 'not-leader'],
    ['a chain without a leader', '', 11, 'not-leader'],
    ['a block above the next', undefined, 13, 'gap'],
    ['a block at the head', undefined, 10, 'conflict'],
    ['a block on another parent', undefined, 9, 'conflict'],
  ] as const)('%s: refused before an object is written', async (_, fenced, number, code) => {
    const { gate, heads, puts, commits } = await counted()
    if (fenced !== undefined) await heads.write(CHAIN, fence(fenced, 3, 1))
    expect(await commitAs(gate, 'a', large(blockOf(number)))).toMatchObject({ error: { data: { code } } })
    expect(puts).toEqual([])
    expect(commits).toMatchObject([{ result: code }])
  })

  test('without a head no node writes an object', async () => {
    const { gate, puts } = await counted({ seeded: false })
    expect(await commitAs(gate, 'a', large())).toMatchObject({ error: { data: { code: 'no-head' } } })
    expect(puts).toEqual([])
  })

  test('the same block again is OK and writes no object; a chain of one node goes on', async () => {
    const { gate, head, puts } = await counted()
    const envelope = large()
    expect(await commitAs(gate, 'a', envelope)).toMatchObject({ result: null })
    expect(await commitAs(gate, 'a', envelope)).toMatchObject({ result: null })
    expect(puts).toHaveLength(1)
    const next = large({ ...blockOf(12), parentHash: blockIn(envelope).hash })
    expect(await commitAs(gate, 'a', next)).toMatchObject({ result: null })
    expect(await head()).toMatchObject(blockIn(next))
  })

  test('an object that is there from a try whose write was lost is used as it is', async () => {
    const heads = memoryHeads()
    let lost = true
    const { gate, puts, head } = await counted({
      heads: { ...heads, commit: (...input) => (lost ? new Promise<never>(() => {}) : heads.commit(...input)) },
      budgetMs: 200,
    })
    const envelope = large()
    expect(await commitAs(gate, 'a', envelope)).toMatchObject({ error: { message: 'store unavailable' } })
    lost = false
    expect(await commitAs(gate, 'a', envelope)).toMatchObject({ result: null })
    expect(new Set(puts).size).toBe(1)
    expect(await head()).toMatchObject(blockIn(envelope))
  })

  test('the inline path is one write and no read', async () => {
    const heads = memoryHeads()
    const asked: string[] = []
    const noting = <I extends unknown[], O>(name: string, ask: (...input: I) => O) => {
      return (...input: I): O => {
        asked.push(name)
        return ask(...input)
      }
    }
    const noted = { ...heads, read: noting('read', heads.read), commit: noting('commit', heads.commit) }
    const { gate } = await rig({ heads: noted })
    await commitAs(gate, 'a', good)
    expect(asked).toEqual(['commit'])
  })
})

function never(): never {
  throw new Error('there is no head')
}
