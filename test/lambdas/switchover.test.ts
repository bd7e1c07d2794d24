import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Head, Lease } from '../../lib/protocol/records.ts'
import { CHAIN, type Deployed, deploy } from './harness/deployed.ts'
import { scheduleEvent } from './harness/events.ts'
import { type Running, start } from './harness/invoke.ts'

let deployed: Deployed
let monitor: Running
let act: Running
let switchover: Running

beforeAll(async () => {
  deployed = await deploy()
  ;[monitor, act, switchover] = await Promise.all([
    start('monitor', deployed.env),
    start('act', deployed.env),
    start('switchover', deployed.env),
  ])
  void monitor.invoke(scheduleEvent, { remainingMs: 600_000 }).catch(() => {})
  while (((await head())?.number ?? 0n) < 4n) await sleep(100)
}, 120_000)
afterAll(async () => {
  for (const running of [monitor, act, switchover]) await running?.kill()
  await deployed?.stop()
})

const head = async (): Promise<Head | undefined> => deployed.account.stores.heads.read(CHAIN)
const lease = async (): Promise<Lease> => {
  const found = await deployed.account.stores.leases.read(CHAIN)
  if (!found) throw new Error('there is no lease')
  return found
}

const by = 'alice'
const owner = 'execution 6f1c'
const step = (name: string, input: object = {}) =>
  switchover.invoke<Record<string, unknown>>({ step: name, chain: CHAIN, by, owner, ...input })

test('check: fit and unfit, in the words of the rule', async () => {
  const { term } = await lease()
  expect(await step('check', { to: 'bob' })).toMatchObject({ fit: true, term, leader: 'ada', target: 'bob' })
  expect(await step('check')).toMatchObject({ fit: true, target: 'bob' })
  expect(await step('check', { to: 'ada' })).toMatchObject({ fit: false, reason: expect.stringContaining('already') })
  expect(await step('check', { to: 'zed' })).toMatchObject({ fit: false, reason: expect.stringContaining('zed') })
})

// A busy machine can hold the target's first commit up for longer than a planned switchover waits: rolled back is right then.
test('request, watch and verify move sequencing once, however often they are called', {
  retry: 2,
  timeout: 30_000,
}, async () => {
  const before = await lease()
  const asked = await step('request', { to: 'bob' })
  expect(asked).toMatchObject({ id: expect.any(String), term: before.term })
  const again = await step('request', { to: 'bob' })
  expect(again.term).toBe(before.term)
  let watched = await step('watch', { to: 'bob', ...asked })
  for (const end = Date.now() + 10_000; !watched.done && Date.now() < end; ) {
    await sleep(200)
    watched = await step('watch', { to: 'bob', ...asked })
  }
  expect(watched).toMatchObject({ done: true, outcome: 'committed', leader: 'bob', term: before.term + 1 })
  expect(await step('request', { to: 'bob' })).toMatchObject({ term: before.term })
  expect(await step('watch', { to: 'bob', ...again })).toMatchObject({ outcome: 'committed' })
  expect(await step('verify', { to: 'bob' })).toMatchObject({ leader: 'bob', term: before.term + 1 })
  expect((await lease()).term).toBe(before.term + 1)
})

test('a request the monitor refuses is seen as refused', async () => {
  await act.invoke({ act: 'quarantine', chain: CHAIN, node: 'cyd', why: 'test', by: 'alice' })
  const { term, leader } = await lease()
  const asked = await step('request', { to: 'cyd', owner: 'execution 77' })
  let watched = await step('watch', { to: 'cyd', ...asked })
  for (const end = Date.now() + 10_000; !watched.done && Date.now() < end; ) {
    await sleep(200)
    watched = await step('watch', { to: 'cyd', ...asked })
  }
  expect(watched).toMatchObject({ done: true, outcome: 'refused', leader, term })
}, 30_000)

test('errors have the names a definition catches', async () => {
  const failing = { failure: { errorType: 'InvalidInputError' } }
  await expect(step('watch')).rejects.toMatchObject(failing)
  await expect(step('leap')).rejects.toMatchObject(failing)
  await expect(step('request', { to: 'zed', owner: 'execution 78' })).rejects.toMatchObject({
    failure: { errorType: 'RefusedActError' },
  })
  await expect(step('request', { dryRun: true })).rejects.toMatchObject({ failure: { errorType: 'RefusedActError' } })
  await expect(step('verify', { to: 'cyd' })).rejects.toMatchObject({ failure: { errorType: 'NotVerifiedError' } })
})

test('with tracing on, what a step does is told to X-Ray, by chain', async () => {
  const daemon = createSocket('udp4').bind(0, '127.0.0.1')
  await once(daemon, 'listening')
  const told: string[] = []
  daemon.on('message', (packet) => void told.push(packet.toString()))
  const traced = await start('switchover', {
    ...deployed.env,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    LAMBDA_TASK_ROOT: '/var/task',
    _X_AMZN_TRACE_ID: 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1',
    AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.address().port}`,
  })
  await traced.invoke({ step: 'check', chain: CHAIN, by })
  for (const end = Date.now() + 2_000; !told.join().includes('annotations') && Date.now() < end; ) await sleep(20)
  expect(told.join()).toContain('"trace_id":"1-5759e988-bd862e3fe1be46a994272793"')
  expect(told.join()).toContain(`"chain":"${CHAIN}"`)
  await traced.kill()
  daemon.close()
})
