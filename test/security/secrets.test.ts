import { afterEach, beforeEach, expect, test } from 'vitest'
import { basic, SECRETS } from '../gate/rig.ts'
import { commitBody, request, requestHead, type Served, serve, statuses } from './rig.ts'

let served: Served
let answers = ''
beforeEach(async () => {
  served = await serve({ bodyTimeoutMs: 300 })
  answers = ''
})
afterEach(() => served.close())

async function send(bytes: string): Promise<number[]> {
  const answer = await served.raw(bytes)
  answers += answer
  return statuses(answer)
}

/** Every way a secret, or a part of it that lets one guess, could be written down. */
function traces(): string[] {
  const secrets = Object.values(SECRETS).flat()
  const encoded = secrets.flatMap((secret) => [secret, Buffer.from(secret).toString('base64')])
  const pairs = Object.keys(SECRETS).flatMap((node) => secrets.map((secret) => basic(node, secret).slice(6)))
  const all = `${served.written.text}${served.written.json}${answers}`
  return [...encoded, ...pairs, 'guessed-secret'].filter((trace) => all.includes(trace))
}

test("a node's secret opens its own path and no other; nothing is written down of any", async () => {
  for (const [node, secretOf] of [
    ['b', 'a'],
    ['a', 'b'],
    ['c', 'a'],
    ['a', 'nobody'],
  ] as const) {
    expect(await send(request(node, commitBody(11), secretOf)), `${secretOf}'s secret at ${node}`).toEqual([401])
  }
  expect((await served.head())?.number).toBe(10n)
  expect(await send(request('a', commitBody(11)))).toEqual([200])
  expect(traces()).toEqual([])
})

test.each([
  [
    'the query',
    (secret: string) => `POST /v1/chains/901/nodes/a?secret=${secret} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`,
  ],
  ['the user name', (secret: string) => request('a', '{}').replace(/Basic \S+/, basic(secret, 'guessed-secret'))],
  ['a broken header', (secret: string) => request('a', '{}').replace(/Basic \S+/, `Bearer ${secret}`)],
  ['two headers', (secret: string) => requestHead('a', [`Authorization: ${secret}`, 'Content-Length: 0'])],
])('a secret that a node sends in %s by mistake is not written down', async (_, bytes) => {
  await send(bytes('secret-of-a'))
  expect(traces()).toEqual([])
})

test('with the right secret, what is sent in the wrong place of a call is not written down whole', async () => {
  const calls = [
    { jsonrpc: '2.0', id: 'secret-of-a', method: 'conductor_leader' },
    { jsonrpc: '2.0', id: 1, method: 'conductor_commitUnsafePayload', params: ['secret-of-a'] },
    { jsonrpc: '2.0', id: 1, method: 'conductor_commitUnsafePayload', params: [{ 'secret-of-a': 1 }] },
  ]
  for (const call of calls) await served.raw(request('a', JSON.stringify(call)))
  expect(traces()).toEqual([])
})

test('a commit that was heard on the wire and is sent again moves nothing', async () => {
  const heard = [11, 12, 13].map((number) => request('a', commitBody(number)))
  for (const bytes of heard) expect(await send(bytes)).toEqual([200])
  const head = await served.head()
  for (const bytes of [...heard, ...heard.toReversed()]) await send(bytes)
  expect(await served.head()).toEqual(head)
  // By another node, with its own secret, and with a block beside the committed one.
  for (const number of [11, 12, 13, 14]) await send(request('b', commitBody(number)))
  for (const number of [11, 12, 13]) await send(request('a', commitBody(number, 1)))
  expect(await served.head()).toEqual(head)
  expect(traces()).toEqual([])
})
