import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { blockOf, envelopeOf } from './payloads.ts'
import { basic, CHAIN, type Rig, rig, send } from './rig.ts'

const recorded: unknown[] = readFileSync(new URL('../fixtures/op-node-v1.16.11.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .slice(0, 6)
  .map((line) => JSON.parse(line).request)
const next = { jsonrpc: '2.0', id: 1, method: 'conductor_commitUnsafePayload', params: [envelopeOf(blockOf(11))] }

/** Whatever came in: one well-formed answer, no crash, and a head that only the right block moves. */
async function check(one: Rig, body: Uint8Array) {
  const { status, body: answer } = await send(one.gate, 'a', body)
  if (status === 204) expect(answer).toBe('')
  else for (const call of [JSON.parse(answer)].flat()) checkAnswer(call)
  expect([200, 204]).toContain(status)
  expect(one.lines.filter(({ level }) => level === 'error')).toEqual([])
}

function checkAnswer(call: Record<string, unknown>) {
  const { jsonrpc, id, error, ...rest } = call
  expect(jsonrpc).toBe('2.0')
  expect(['number', 'string', 'object']).toContain(typeof id)
  if (error === undefined) return expect([true, false, null]).toContain(rest.result)
  expect(error).toMatchObject({
    code: expect.any(Number),
    message: expect.any(String),
    data: { code: expect.any(String) },
  })
}

const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.nat(8),
  insert: fc.oneof(
    fc.uint8Array({ maxLength: 4 }),
    fc.constantFrom('"', '{', '}', '[', ']', ',', ':', '\\', '0x', 'null', '1e999').map((text) => Buffer.from(text)),
  ),
})

function edited(text: Buffer, { at, remove, insert }: { at: number; remove: number; insert: Uint8Array }): Buffer {
  const from = Math.floor(at * text.length)
  return Buffer.concat([text.subarray(0, from), insert, text.subarray(from + remove)])
}

/** Replaces one value anywhere in a JSON value. */
function graft(value: unknown, path: readonly number[], by: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined || typeof value !== 'object' || value === null) return by
  if (Array.isArray(value)) return value.map((item, i) => (i === step % value.length ? graft(item, rest, by) : item))
  const entries = Object.entries(value)
  return Object.fromEntries(
    entries.map(([key, item], i) => [key, i === step % entries.length ? graft(item, rest, by) : item]),
  )
}

/** The head is where it was, or at a child of it that its leader committed. */
async function committedOrNothing({ head }: Rig): Promise<void> {
  const now = await head()
  if (now?.number !== 10n) expect(now).toMatchObject({ number: 11n, parentHash: blockOf(10).hash, leader: 'a' })
}

describe('whatever is sent', () => {
  test('random bytes', async () => {
    const one = await rig()
    const head = await one.head()
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), (bytes) => check(one, bytes)),
      { numRuns: 1_500 },
    )
    expect(await one.head()).toEqual(head)
  })

  test('random JSON, and requests around it', async () => {
    const one = await rig()
    const head = await one.head()
    const method = fc.oneof(fc.constantFrom('conductor_leader', next.method, '__proto__', 'toString'), fc.jsonValue())
    const request = fc.record(
      { jsonrpc: fc.oneof(fc.constant('2.0'), fc.jsonValue()), id: fc.jsonValue(), method, params: fc.jsonValue() },
      { requiredKeys: [] },
    )
    const body = fc.oneof(fc.jsonValue(), request, fc.array(request, { maxLength: 4 }))
    await fc.assert(
      fc.asyncProperty(body, (value) => check(one, Buffer.from(JSON.stringify(value)))),
      { numRuns: 2_000 },
    )
    expect(await one.head()).toEqual(head)
  })

  test('real requests with some bytes changed commit the real block or nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...recorded, next),
        fc.array(edit, { minLength: 1, maxLength: 3 }),
        async (request, edits) => {
          const one = await rig()
          const body = edits.reduce(edited, Buffer.from(JSON.stringify(request)))
          await check(one, body)
          await committedOrNothing(one)
        },
      ),
      { numRuns: 1_500 },
    )
  })

  test('real requests with one value exchanged', async () => {
    const path = fc.array(fc.nat(20), { maxLength: 5 })
    const by = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('0x', '0x0', '0xffffffffffffffffff', `0x${'f'.repeat(64)}`, null),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...recorded, next), path, by, async (request, at, value) => {
        const one = await rig()
        await check(one, Buffer.from(JSON.stringify(graft(request, at, value))))
        await committedOrNothing(one)
      }),
      { numRuns: 1_500 },
    )
  })

  test('random paths, verbs and credentials', async () => {
    const one = await rig()
    const path = fc.oneof(
      fc.webPath(),
      fc.string({ unit: 'binary' }),
      fc.tuple(fc.string(), fc.string()).map(([chain, node]) => `/v1/chains/${chain}/nodes/${node}`),
      fc.constant(`/v1/chains/${CHAIN}/nodes/a`),
    )
    const authorization = fc.oneof(
      fc.constantFrom(undefined, basic('b'), basic('c', 'x')),
      fc.string({ unit: 'binary' }),
      fc.base64String().map((text) => `Basic ${text}`),
    )
    const verb = fc.oneof(fc.constantFrom('GET', 'POST', 'HEAD', 'OPTIONS'), fc.string())
    await fc.assert(
      fc.asyncProperty(path, authorization, verb, async (path, authorization, method) => {
        const answer = await one.gate({ method, path, authorization, body: Buffer.from(JSON.stringify(next)) })
        expect([401, 404, 405]).toContain(answer.status)
        checkAnswer(JSON.parse(answer.body))
      }),
      { numRuns: 1_500 },
    )
  })
})
