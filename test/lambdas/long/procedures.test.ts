import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CHAIN, type Deployed, deploy } from '../harness/deployed.ts'
import { scheduleEvent } from '../harness/events.ts'
import { type Running, start } from '../harness/invoke.ts'

// The bundles of what people do on purpose; the whole of each, with its state machine: test/{upgrade,disaster}/long.

let deployed: Deployed
let monitor: Running
let upgrade: Running
let disaster: Running

beforeAll(async () => {
  deployed = await deploy()
  ;[monitor, upgrade, disaster] = await Promise.all([
    start('monitor', deployed.env),
    start('operation', { ...deployed.env, BATON_OPERATION: 'Upgrade' }),
    start('operation', { ...deployed.env, BATON_OPERATION: 'Disaster' }),
  ])
  void monitor.invoke(scheduleEvent, { remainingMs: 600_000 }).catch(() => {})
  while (((await head())?.number ?? 0n) < 4n) await sleep(100)
}, 120_000)
afterAll(async () => {
  for (const running of [monitor, upgrade, disaster]) await running?.kill()
  await deployed?.stop()
})

const head = () => deployed.account.stores.heads.read(CHAIN)
const by = 'automation 6f1c'
type Taken = { readonly outcome: string; readonly text: string }
const take = (running: Running, step: string, input: object) =>
  running.invoke<Taken>({ step, owner: 'run-1', input: { chain: CHAIN, by, ...input }, state: {} })

test('an upgrade plans, and is not begun where there is no host access', async () => {
  const asked = { to: 'v2', expect: '', resume: false, alone: false }
  const { outcome, text } = await take(upgrade, 'Plan', asked)
  expect(outcome).toBe('blocked')
  expect(text).toContain('1. upgrade cyd to v2')
  expect(text).toContain('would not begin: cyd: no host access configured')
  await expect(take(upgrade, 'Begin', asked)).rejects.toThrow(/^RefusedActError: not begun: /)
  await expect(take(upgrade, 'Plan', { ...asked, to: '--version' })).rejects.toThrow(/^InvalidInputError: .*to:/)
  await expect(take(upgrade, 'See it fit', asked)).rejects.toThrow(/^InvalidInputError: .*upgrading:/)
})

test('a disaster shows the vote, refuses a wrong hash, and acts on the right one', async () => {
  const asked = { kind: 'to-op-conductor', node: '', againstVote: false }
  const wrong = `0x${'ab'.repeat(32)}`
  const survey = (hash: string) => take(disaster, 'Survey what is left', { ...asked, hash })
  expect((await survey('')).text).toContain('the votes are for block')
  expect(await survey(wrong)).toMatchObject({ outcome: 'refused' })
  await expect(take(disaster, 'Act', { ...asked, hash: wrong })).rejects.toThrow(/^RefusedActError: /)
  await expect(take(disaster, 'Act', { ...asked, kind: 'erase' })).rejects.toThrow(/^InvalidInputError: .*kind:/)
  expect((await head())?.leader).toBe('ada')

  const { hash } = (await head()) ?? {}
  expect((await take(disaster, 'Act', { ...asked, hash })).text).toMatch(/^handed over at block \d+: wire a node/)
  expect((await take(disaster, 'See what came of it', { ...asked, hash })).text).toContain('no node sequences')
  expect((await head())?.leader).toBe('')
}, 30_000)
