import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Head, Lease } from '../../../lib/protocol/records.ts'
import { CHAIN, type Deployed, deploy } from '../harness/deployed.ts'
import { scheduleEvent } from '../harness/events.ts'
import { type Running, start } from '../harness/invoke.ts'

let deployed: Deployed
let monitor: Running
let act: Running
let switchover: Running

beforeAll(async () => {
  deployed = await deploy()
  ;[monitor, act, switchover] = await Promise.all([
    start('monitor', deployed.env),
    start('act', deployed.env),
    start('operation', { ...deployed.env, BATON_OPERATION: 'Switchover' }),
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

type Taken = { readonly outcome: string; readonly text: string; readonly state: Readonly<Record<string, unknown>> }
const step = (name: string, input: object = {}, state: object = {}, owner = 'execution 6f1c') =>
  switchover.invoke<Taken>({ step: name, owner, input: { chain: CHAIN, by: 'alice', ...input }, state })

/** What the step `Watch` says in the end of what `Request` left. */
async function watched({ state }: Taken): Promise<Taken> {
  let seen = await step('Watch', {}, state)
  for (const end = Date.now() + 10_000; seen.outcome === 'pending' && Date.now() < end; ) {
    await sleep(200)
    seen = await step('Watch', {}, state)
  }
  return seen
}

test('check: fit and unfit, in the words of the rule', async () => {
  const fit = { outcome: 'fit', text: 'bob can take over from ada' }
  expect(await step('Check', { to: 'bob' })).toMatchObject(fit)
  expect(await step('Check')).toMatchObject(fit)
  expect(await step('Check', { to: 'ada' })).toMatchObject({
    outcome: 'unfit',
    text: expect.stringContaining('already'),
  })
  expect(await step('Check', { to: 'zed' })).toMatchObject({ outcome: 'unfit', text: expect.stringContaining('zed') })
})

/**
 * Executions that may be refused or rolled back, as is right where a busy machine makes the target fall behind, or
 * holds its first commit up.
 */
const EXECUTIONS = 3

test('request, watch and verify move sequencing once, however often they are called', { timeout: 60_000 }, async () => {
  for (let execution = 1; ; execution++) {
    const before = await lease()
    const request = () => step('Request', { to: 'bob' }, {}, `execution ${execution}`)
    const asked = await request()
    expect(asked.state.asked).toMatchObject({ id: `execution ${execution}`, term: before.term })
    const again = await request()
    expect(again.state.asked).toMatchObject({ term: before.term })
    const seen = await watched(asked)
    if (['refused', 'rolled-back'].includes(seen.outcome) && execution < EXECUTIONS) continue
    const text = expect.stringContaining(`bob leads in term ${before.term + 1}`)
    expect(seen).toMatchObject({ outcome: 'moved', text })
    expect((await request()).state.asked).toMatchObject({ term: before.term })
    expect(await watched(again)).toMatchObject({ outcome: 'moved' })
    const verified = { outcome: 'verified', text: expect.stringContaining(`bob commits in term ${before.term + 1}`) }
    expect(await step('Verify', { to: 'bob' })).toMatchObject(verified)
    expect((await lease()).term).toBe(before.term + 1)
    return
  }
})

test('a request the monitor refuses is seen as refused', async () => {
  await act.invoke({ act: 'quarantine', chain: CHAIN, node: 'cyd', why: 'test', by: 'alice' })
  const { term, leader } = await lease()
  expect(await watched(await step('Request', { to: 'cyd' }, {}, 'execution 77'))).toMatchObject({ outcome: 'refused' })
  expect(await lease()).toMatchObject({ term, leader })
}, 30_000)

test('errors have the names a state machine catches', async () => {
  const failing = { failure: { errorType: 'InvalidInputError' } }
  const refused = { failure: { errorType: 'RefusedActError' } }
  await expect(step('Watch')).rejects.toMatchObject(failing)
  await expect(step('Leap')).rejects.toMatchObject(failing)
  await expect(step('Request', { to: 'zed' }, {}, 'execution 78')).rejects.toMatchObject(refused)
  await expect(step('Request', { dryRun: true })).rejects.toMatchObject(refused)
  await expect(step('Verify', { to: 'cyd' })).rejects.toMatchObject({ failure: { errorType: 'NotVerifiedError' } })
})
