import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cases } from '../cases.ts'
import { commitBody, request, type Served, serve, statuses } from './rig.ts'

let served: Served
beforeAll(async () => {
  served = await serve({ bodyTimeoutMs: 150 })
})
afterAll(() => served.close())

/** A request of b, which does not hold the head: nothing it sends may move it. */
const proper = Buffer.from(request('b', commitBody(11)))

const change = fc.record({
  at: fc.nat(proper.length - 1),
  cut: fc.nat(12),
  put: fc.oneof(
    fc.uint8Array({ maxLength: 8 }),
    fc
      .constantFrom('\r\n', '\r\n\r\n', '\0', ':', ',', '"', '\\', '{', '[', '0', '-1', '9'.repeat(30), '\ud800')
      .map((text) => Buffer.from(text)),
  ),
})

test('HTTP requests with bytes changed anywhere: answered or closed, the head stays, the gate lives', {
  timeout: 60_000,
}, async () => {
  const before = await served.head()
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      let bytes = proper
      for (const { at, cut, put } of changes) {
        bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)])
      }
      const answer = await served.raw(bytes, 600)
      for (const status of statuses(answer)) expect([200, 400, 401, 404, 405, 408, 413, 417, 431]).toContain(status)
      expect(await served.head()).toEqual(before)
    }),
    { numRuns: cases({ few: 40, all: 150 }) },
  )
  expect(statuses(await served.raw(request('b', '{"jsonrpc":"2.0","id":1,"method":"conductor_leader"}')))).toEqual([
    200,
  ])
})
