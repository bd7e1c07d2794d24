import { afterAll, beforeAll, expect, test } from 'vitest'
import { readPayload } from '../../lib/store/payload.ts'
import { randomTransactions } from '../gate/payloads.ts'
import { apiEvent, rpc } from './harness/events.ts'
import { CHAIN, commitBody, type GateRig, openGate, type Response } from './harness/gate.ts'

let rig: GateRig

beforeAll(async () => {
  rig = await openGate()
}, 120_000)
afterAll(() => rig?.close())

const answerOf = ({ body }: Response) => JSON.parse(body)

/** Sends a call again while the store is late, as op-node does. */
async function ask(event: unknown): Promise<Response> {
  for (let tries = 1; ; tries++) {
    const answer = await rig.gate.invoke<Response>(event)
    if (answerOf(answer).error?.data?.code !== 'store-unavailable' || tries === 5) return answer
  }
}

test('a leader call, and a commit by the leader', async () => {
  const leader = await ask(apiEvent({ node: 'a', secret: 'secret-of-a', body: rpc('conductor_leader') }))
  expect(leader).toMatchObject({ statusCode: 200, isBase64Encoded: false })
  expect(answerOf(leader)).toMatchObject({ id: 7, result: true })
  const committed = await ask(apiEvent({ node: 'a', secret: 'secret-of-a', body: commitBody(11) }))
  expect(answerOf(committed)).toEqual({ jsonrpc: '2.0', id: 7, result: null })
  const head = await rig.account.stores.heads.readWithPayload(CHAIN)
  expect(head).toMatchObject({ number: 11n, leader: 'a', committedTerm: 2 })
})

test('a body in base64, headers in other letters or several values, and a path below a stage', async () => {
  const event = apiEvent({ node: 'a', secret: 'secret-of-a', body: commitBody(12) })
  const { headers, ...rest } = event
  const authorization = headers.Authorization ?? ''
  const shapes = [
    { ...event, body: Buffer.from(event.body).toString('base64'), isBase64Encoded: true },
    { ...event, headers: { authorization } },
    { ...rest, headers: null, multiValueHeaders: { AUTHORIZATION: [authorization] } },
    { ...event, path: `/prod${event.path}` },
    { ...event, path: `/restapis/abcdef1234/prod/_user_request_${event.path}`, pathParameters: null },
  ]
  for (const shape of shapes) {
    expect(answerOf(await ask(shape))).toMatchObject({ result: null })
  }
  expect(await rig.account.stores.heads.read(CHAIN)).toMatchObject({ number: 12n })
})

test('a payload too large for the item goes to the bucket before the commit', async () => {
  const body = commitBody(13, randomTransactions(900_000))
  expect(answerOf(await ask(apiEvent({ node: 'a', secret: 'secret-of-a', body })))).toMatchObject({
    result: null,
  })
  const head = await rig.account.stores.heads.readWithPayload(CHAIN)
  expect(head?.payloadRef).toMatch(/^901\/spill\/13-0x[0-9a-f]{64}-[0-9a-f]{64}$/)
  if (head) expect(JSON.parse(await readPayload(rig.account.objects, head))).toEqual(JSON.parse(body).params[0])
})

test('health, and what is not there', async () => {
  const health = await rig.gate.invoke<Response>({
    ...apiEvent({ body: '' }),
    httpMethod: 'GET',
    path: '/healthz',
    pathParameters: { proxy: 'healthz' },
  })
  expect(health).toMatchObject({ statusCode: 200, body: expect.stringContaining('version') })
  const nowhere = await rig.gate.invoke<Response>({
    ...apiEvent({ body: '' }),
    path: '/v2',
    pathParameters: { proxy: 'v2' },
  })
  expect(nowhere.statusCode).toBe(404)
})

test('an event that is none is answered, not thrown', async () => {
  expect(await rig.gate.invoke<Response>({ path: 3 })).toMatchObject({ statusCode: 400 })
})
