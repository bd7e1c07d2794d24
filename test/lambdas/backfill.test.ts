import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CHAIN, type Deployed, deploy } from './harness/deployed.ts'
import { scheduleEvent } from './harness/events.ts'
import { type Running, start } from './harness/invoke.ts'

let deployed: Deployed
let monitor: Running
let backfill: Running

beforeAll(async () => {
  deployed = await deploy()
  ;[monitor, backfill] = await Promise.all([
    start('monitor', deployed.env),
    start('operation', { ...deployed.env, BATON_OPERATION: 'Backfill' }),
  ])
  void monitor.invoke(scheduleEvent, { remainingMs: 600_000 }).catch(() => {})
  while (((await deployed.account.stores.heads.read(CHAIN))?.number ?? 0n) < 4n) await sleep(100)
}, 120_000)
afterAll(async () => {
  for (const running of [monitor, backfill]) await running?.kill()
  await deployed?.stop()
})

const take = (step: string, input: object) =>
  backfill.invoke({ step, owner: 'execution 6f1c', input: { chain: CHAIN, by: 'ann', ...input }, state: {} })
const plan = (input: object) => take('Plan', input)

test('the node that sequences is refused, whatever step is asked for', async () => {
  const node = (await deployed.account.stores.heads.read(CHAIN))?.leader
  for (const step of ['Plan', 'Plug a slice']) {
    await expect(take(step, { node })).rejects.toThrow(/^RefusedActError: .* sequences: its head is its own/)
  }
})

test('nothing is planned above the committed head, nor for a node nobody knows', async () => {
  await expect(plan({ node: 'bob', to: 1_000_000 })).rejects.toThrow(/^RefusedActError: .*above the committed head/)
  await expect(plan({ node: 'zed' })).rejects.toThrow(/^RefusedActError: no node "zed"/)
})

test.each([
  [{ node: '' }, /^InvalidInputError: .*node: must be the name of a node/],
  [{}, /^InvalidInputError: .*node: is missing/],
  [{ node: 'bob', to: 'soon' }, /^InvalidInputError: .*to: must be a whole number/],
])('%j is refused by its fields', async (input, message) => {
  await expect(plan(input)).rejects.toThrow(message)
})

test('a step that is none is refused by the names of those there are', async () => {
  await expect(take('Act', { node: 'bob' })).rejects.toThrow(/^InvalidInputError: .*has Plan, Plug a slice/)
})
