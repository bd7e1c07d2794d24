import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gateProbe } from '../../lib/context/chain-ports.ts'
import { probeInDoubt } from '../../lib/lambda/watch-chain.ts'

const asked: string[] = []
let status = 200
const server = createServer((request, response) => {
  asked.push(request.url ?? '')
  if (status !== 0) response.writeHead(status).end()
}).listen(0, '127.0.0.1')
let url = ''

beforeAll(async () => {
  if (!server.listening) await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/baton`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

test.each([
  ['answers', 200, { ok: true }],
  ['is broken', 502, { ok: false, message: 'HTTP 502' }],
  ['is silent', 0, { ok: false, message: expect.stringMatching(/timeout/) }],
])('a gate below a stage that %s', async (_, answer, expected) => {
  status = answer
  expect(await gateProbe(url, 200)()).toEqual(expected)
  expect(asked.at(-1)).toBe('/baton/healthz')
})

test('is asked while there is doubt: commits that arrive prove that it works, and a first turn acts on nothing', async () => {
  status = 502
  const { gate, doubt } = probeInDoubt(gateProbe(url))
  asked.length = 0
  expect(await gate()).toEqual({ ok: true })
  expect(asked).toHaveLength(0)
  // The first turn failed: nothing is known.
  expect(await gate()).toMatchObject({ ok: false })
  doubt(false)
  expect(await gate()).toEqual({ ok: true })
  expect(asked).toHaveLength(1)
  doubt(true)
  expect(await gate()).toMatchObject({ ok: false })
})
