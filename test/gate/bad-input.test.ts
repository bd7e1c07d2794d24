import { describe, expect, test } from 'vitest'
import { blockOf, envelopeOf, hashOf } from './payloads.ts'
import { call, commitAs, rig, send } from './rig.ts'

type Payload = ReturnType<typeof envelopeOf>['executionPayload']

const good = envelopeOf(blockOf(11))
const withField = (field: keyof Payload, value: unknown) => ({
  ...good,
  executionPayload: { ...good.executionPayload, [field]: value },
})
const zero = `0x${'00'.repeat(32)}`
const badHashes = [undefined, null, 5, {}, [], '', '0x', 'x', hashOf(11).slice(2), hashOf(11).slice(0, -1)]
const worseHashes = [`${hashOf(11)}0`, `${hashOf(11).slice(0, -1)}g`, ` ${hashOf(11)}`, `${hashOf(11)}\n`]
const badQuantities = [
  undefined,
  null,
  11,
  '11',
  '0x',
  '0x0b',
  '0xg',
  '-0xb',
  '0xb ',
  '0x1'.padEnd(19, '0'),
  {},
  ['0xb'],
]

const wrongFields: [keyof Payload, unknown[]][] = [
  ['blockHash', [...badHashes, ...worseHashes, zero, good.executionPayload.parentHash]],
  ['parentHash', [...badHashes, ...worseHashes]],
  ['blockNumber', badQuantities],
  ['timestamp', badQuantities],
  ['transactions', [undefined, null, '0x', {}, [1], [null], ['0x'], ['02c0'], ['0x02', ''], [['0x02']]]],
]

describe('a wrong field is named and nothing is written', () => {
  for (const [field, values] of wrongFields) {
    test.each(values.map((value) => [value]))(`${field} %j`, async (value) => {
      const { gate, head } = await rig()
      const before = await head()
      const { error } = await commitAs(gate, 'a', withField(field, value))
      expect(error).toMatchObject({ code: -32602, data: { field: `params[0].executionPayload.${field}` } })
      expect(error?.message).toMatch(`invalid params: params[0].executionPayload.${field}: `)
      expect(await head()).toEqual(before)
    })
  }

  test.each([
    ['no parameters', undefined, 'params'],
    ['none', [], 'params[0]'],
    ['two', [good, good], 'params[1]'],
    ['null', [null], 'params[0]'],
    ['a number', [5], 'params[0]'],
    ['a list', [[]], 'params[0].executionPayload'],
    ['an empty envelope', [{}], 'params[0].executionPayload'],
    ['a bare payload', [good.executionPayload], 'params[0].executionPayload'],
    ['an envelope of null', [{ executionPayload: null }], 'params[0].executionPayload'],
    ['an empty payload', [{ executionPayload: {} }], 'params[0].executionPayload.parentHash'],
  ])('%s', async (_, params, field) => {
    const { gate, head } = await rig()
    const { error } = await call(gate, 'a', 'conductor_commitUnsafePayload', params)
    expect(error).toMatchObject({ code: -32602, data: { field } })
    expect(await head()).toMatchObject({ number: 10n })
  })

  test('named parameters are refused', async () => {
    const { gate } = await rig()
    const request = { jsonrpc: '2.0', id: 1, method: 'conductor_commitUnsafePayload', params: { 0: good } }
    const { body } = await send(gate, 'a', JSON.stringify(request))
    expect(JSON.parse(body).error).toMatchObject({ code: -32602, data: { field: 'params' } })
  })

  const text = JSON.stringify(good)
  const twice = `"executionPayload":{"parentHash":"${hashOf(1)}"},"executionPayload"`
  test.each([
    ['a field given twice', text.replace('"blockHash"', `"blockHash":"${hashOf(12)}","blockHash"`)],
    ['a field hidden before', text.replace('{', '{"x":{"blockNumber":"0xc"},')],
    ['a payload given twice', text.replace('"executionPayload"', twice)],
    ['an escaped key', text.replace('"blockHash"', '"blockH\\u0061sh"')],
  ])('%s, which others would read differently', async (_, envelope) => {
    const { gate, head } = await rig()
    const answer = JSON.parse((await send(gate, 'a', commitOf(envelope))).body)
    expect(answer.error).toMatchObject({ code: -32602, data: { field: 'params[0].executionPayload' } })
    expect(await head()).toMatchObject({ number: 10n })
  })
})

describe('shapes that cost much', () => {
  test.each([
    ['deep lists', `${'['.repeat(200_000)}${']'.repeat(200_000)}`],
    ['deep lists, unclosed', '['.repeat(1_000_000)],
    ['deep objects as parameter', commitOf(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`)],
    [
      'deep lists as transactions',
      commitOf(
        JSON.stringify(withField('transactions', 1)).replace(
          '"transactions":1',
          `"transactions":${'['.repeat(200_000)}${']'.repeat(200_000)}`,
        ),
      ),
    ],
    ['a long method name', JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'x'.repeat(5_000_000) })],
    ['many backslashes', `{"jsonrpc":"2.0","id":1,"method":"${'\\\\'.repeat(1_000_000)}"}`],
    ['many empty transactions', commitOf(JSON.stringify(withField('transactions', Array(500_000).fill(''))))],
    [
      'many keys',
      commitOf(JSON.stringify(Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i])))),
    ],
    [
      'an L1-info deposit that nests',
      commitOf(JSON.stringify(withField('transactions', [`0x7e${'c1'.repeat(3000)}`])).replace('0xb"', '0x7"')),
    ],
  ])('%s cost little work and get a short answer', async (_, body) => {
    const { gate, head } = await rig()
    const before = process.cpuUsage()
    const answer = await send(gate, 'a', body)
    // Of the processor, not of the clock: a busy machine is no long work.
    expect(process.cpuUsage(before).user).toBeLessThan(1_500_000)
    const answers = [JSON.parse(answer.body)].flat()
    expect(answers).toMatchObject([{ jsonrpc: '2.0', error: { code: expect.any(Number) } }])
    expect(answer.body.length).toBeLessThan(1_000)
    expect(await head()).toMatchObject({ number: 10n })
  })

  test('a body above the limit is refused', async () => {
    const { gate } = await rig({ maxBodyBytes: 1_000 })
    const answer = await send(gate, 'a', ' '.repeat(1_001))
    expect(answer).toMatchObject({ status: 413 })
    expect(JSON.parse(answer.body)).toMatchObject({ id: null, error: { code: -32000, data: { limit: 1_000 } } })
  })
})

function commitOf(param: string): string {
  return `{"jsonrpc":"2.0","id":1,"method":"conductor_commitUnsafePayload","params":[${param}]}`
}
