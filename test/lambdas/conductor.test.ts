import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { CHAIN, type Deployed, deploy } from './harness/deployed.ts'
import { proxyEvent, rpc } from './harness/events.ts'
import { FunctionError, type Running, start } from './harness/invoke.ts'

/** Lambda's Invoke, as AWS documents it, for the one function behind the gate. */
const lambda = { functions: [] as string[], full: false, conductor: undefined as Running | undefined }
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  lambda.functions.push(request.url ?? '')
  if (lambda.full) return response.writeHead(429).end('{"Type":"User","message":"Rate Exceeded."}')
  try {
    const answer = await lambda.conductor?.invoke(JSON.parse(Buffer.concat(chunks).toString()))
    response.end(JSON.stringify(answer))
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error
    response.writeHead(200, { 'x-amz-function-error': 'Unhandled' }).end('{"errorType":"Error"}')
  }
})

let deployed: Deployed
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const gateEnv = {
    AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    BATON_CONDUCTOR_FUNCTION: 'baton-conductor',
  }
  deployed = await deploy({ gateEnv })
  await deployed.account.putParameter(`/chains/${CHAIN}/gate/operators`, '["secret-of-operators"]')
  await deployed.account.putParameter(`/chains/${CHAIN}/gate/readers`, '["secret-of-ada"]')
  lambda.conductor = await start('conductor', deployed.env)
  // The gate knew no operators when it started; it reads their secrets again at most once in five seconds.
  await vi.waitUntil(async () => (await ask(NODE, operator, 'conductor_paused')).statusCode === 200, 30_000)
}, 180_000)
afterAll(async () => {
  await lambda.conductor?.kill()
  await deployed?.stop()
  server.closeAllConnections()
  server.close()
})

type Reply = { readonly result?: unknown; readonly error?: { message: string; data?: Record<string, unknown> } }

async function ask(path: string, [user, secret]: readonly [string, string], method: string, params: unknown[] = []) {
  const Authorization = `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`
  const event = proxyEvent('POST', path, { authorization: Authorization }, rpc(method, params))
  const { statusCode, body } = await deployed.gate.invoke<{ statusCode: number; body: string }>(event)
  return { statusCode, ...(JSON.parse(body) as Reply) }
}

const NODE = `/v1/chains/${CHAIN}/nodes/ada`
const LEADER = `/v1/chains/${CHAIN}/leader`
const operator = ['alice', 'secret-of-operators'] as const
const node = ['ada', 'secret-of-ada'] as const

test('the gate has the function behind it answer, at each of the three paths', async () => {
  for (const path of [NODE, LEADER, '/']) {
    expect(await ask(path, node, 'conductor_paused'), path).toMatchObject({ statusCode: 200, result: false })
    expect((await ask(path, operator, 'conductor_clusterMembership')).result).toMatchObject({
      servers: [{ id: 'ada' }, { id: 'bob' }, { id: 'cyd' }],
    })
  }
  expect(lambda.functions.every((path) => path === '/2015-03-31/functions/baton-conductor/invocations')).toBe(true)
})

test('an error of the function is the answer, as it is', async () => {
  const { error } = await ask(NODE, node, 'optimism_syncStatus')
  expect(error).toMatchObject({
    message: 'refusing to proxy request to non-leader sequencer',
    data: { code: 'not-leader' },
  })
  const membership = await ask(NODE, operator, 'conductor_addServerAsVoter', ['seq-d', 'd:1', 0])
  expect(membership.error?.data).toMatchObject({ code: 'done-elsewhere' })
})

test('who may not, does not reach it; a secret that is a node’s is no role’s', async () => {
  const before = lambda.functions.length
  expect((await ask(NODE, node, 'conductor_pause')).error?.data).toMatchObject({ code: 'not-allowed' })
  expect((await ask(LEADER, ['grafana', 'secret-of-ada'], 'conductor_paused')).statusCode).toBe(401)
  expect((await ask(NODE, ['x', 'wrong'], 'conductor_paused')).statusCode).toBe(401)
  expect(lambda.functions).toHaveLength(before)
})

test('when all its runs are taken, or it is away, the caller gets the reason, and op-node’s call is answered', async () => {
  lambda.full = true
  expect((await ask(NODE, node, 'conductor_paused')).error?.data).toMatchObject({ code: 'busy' })
  expect((await ask(NODE, node, 'conductor_leader')).result).toBe(false)
  lambda.full = false
  await lambda.conductor?.kill()
  lambda.conductor = undefined
  expect((await ask(NODE, node, 'conductor_paused')).error?.data).toMatchObject({ code: 'desk-away' })
})
