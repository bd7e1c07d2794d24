import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { apiEvent, rpc } from '../harness/events.ts'
import { CHAIN, commitBody, type GateRig, openGate, type Response } from '../harness/gate.ts'
import { start } from '../harness/invoke.ts'
import { startRelay } from '../harness/relay.ts'

let rig: GateRig

beforeAll(async () => {
  rig = await openGate({ POWERTOOLS_LOGGER_LOG_EVENT: 'true', POWERTOOLS_LOG_LEVEL: 'DEBUG' })
}, 120_000)
afterAll(() => rig?.close())

const answerOf = ({ body }: Response) => JSON.parse(body)

test('lets nobody else in: no secret, another node’s, an unknown node, a chain that is not served', async () => {
  const strangers = [
    apiEvent({ node: 'a', body: commitBody(14) }),
    apiEvent({ node: 'a', secret: 'secret-of-b', body: commitBody(14) }),
    apiEvent({ node: 'z', secret: 'secret-of-a', body: commitBody(14) }),
    apiEvent({ chain: '999', node: 'a', secret: 'secret-of-a', body: commitBody(14) }),
  ]
  for (const event of strangers) expect(await rig.gate.invoke<Response>(event)).toMatchObject({ statusCode: 401 })
  expect(await rig.account.stores.heads.read(CHAIN)).toMatchObject({ number: 10n })
})

test('takes both of two secrets', async () => {
  for (const secret of ['secret-of-b', 'next-secret-of-b']) {
    const answer = await rig.gate.invoke<Response>(apiEvent({ node: 'b', secret, body: rpc('conductor_leader') }))
    expect(answerOf(answer)).toMatchObject({ result: false })
  }
})

test('a new secret works at once, and wrong ones do not flood the store', async () => {
  const call = (secret: string) =>
    rig.gate
      .invoke<Response>(apiEvent({ node: 'b', secret, body: rpc('conductor_leader') }))
      .then((it) => it.statusCode)
  await rig.account.putParameter(`/chains/${CHAIN}/nodes/b/secrets`, '["next-secret-of-b", "third-secret-of-b"]')
  await sleep(5_100)
  expect(await call('third-secret-of-b')).toBe(200)
  expect(await call('next-secret-of-b')).toBe(200)
  expect(await call('secret-of-b')).toBe(401)
})

test('while the Parameter Store is down, warm gates answer, and say so only once it matters', async () => {
  const relay = await startRelay(rig.account.env.AWS_ENDPOINT_URL_SSM ?? '')
  const warm = await start('gate', { ...rig.account.env, AWS_ENDPOINT_URL_SSM: relay.endpoint })
  const leader = (secret: string) =>
    warm.invoke<Response>(apiEvent({ node: 'a', secret, body: rpc('conductor_leader') }))
  expect(await leader('secret-of-a')).toMatchObject({ statusCode: 200 })
  relay.fail('silent')
  await sleep(5_100)
  const began = performance.now()
  expect(await leader('wrong-secret')).toMatchObject({ statusCode: 401 })
  // op-node waits for a second.
  expect(performance.now() - began).toBeLessThan(1_000)
  expect(await leader('secret-of-a')).toMatchObject({ statusCode: 200 })
  await warm.kill()

  const cold = await start('gate', { ...rig.account.env, AWS_ENDPOINT_URL_SSM: relay.endpoint })
  const refused = await cold.invoke<Response>(
    apiEvent({ node: 'a', secret: 'secret-of-a', body: rpc('conductor_leader') }),
  )
  expect(refused.statusCode).toBe(500)
  expect(cold.lines().find((line) => 'GateErrors' in line)).toMatchObject({ chain: CHAIN, GateErrors: 1 })
  await cold.kill()
  relay.close()
}, 20_000)

test('what it tells: metrics of the chain, no secrets', async () => {
  await rig.gate.invoke(apiEvent({ node: 'a', secret: 'secret-of-a', body: commitBody(11) }))
  await rig.gate.invoke(apiEvent({ node: 'b', secret: 'next-secret-of-b', body: commitBody(12) }))
  const lines = rig.gate.lines().filter((line) => '_aws' in line)
  const latencies = lines.filter((line) => 'CommitLatency' in line)
  expect(latencies[0]).toMatchObject({
    chain: CHAIN,
    result: 'committed',
    _aws: { CloudWatchMetrics: [{ Namespace: 'Baton', Dimensions: [['baton', 'chain']] }] },
  })
  expect(lines.find((line) => 'CommitRefused' in line)).toMatchObject({
    chain: CHAIN,
    reason: 'not-leader',
    CommitRefused: 1,
    _aws: { CloudWatchMetrics: [{ Dimensions: [expect.arrayContaining(['baton', 'chain', 'reason'])] }] },
  })
  expect(rig.gate.output()).not.toMatch(/secret-of/)
  expect(rig.gate.output()).not.toContain(Buffer.from('a:secret-of-a').toString('base64'))
})
