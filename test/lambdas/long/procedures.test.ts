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
    start('upgrade', deployed.env),
    start('disaster', deployed.env),
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
type Told = { readonly outcome: string; readonly told: string }

test('an upgrade plans, and is not begun where machines take no steps', async () => {
  const asked = { chain: CHAIN, to: 'v2', expect: '', resume: false, alone: false, by }
  const { outcome, told } = await upgrade.invoke<Told>({ step: 'plan', ...asked })
  expect(outcome).toBe('held')
  expect(told).toContain('1. upgrade cyd to v2')
  expect(told).toContain('would not begin: the machine of cyd takes no steps')
  await expect(upgrade.invoke({ step: 'begin', ...asked })).rejects.toThrow(/^RefusedActError: not begun: /)
  await expect(upgrade.invoke({ step: 'plan', ...asked, to: '--version' })).rejects.toThrow(/^InvalidInputError: .*to:/)
  await expect(upgrade.invoke({ step: 'fit', ...asked })).rejects.toThrow(/^InvalidInputError: .*upgrading:/)
})

test('a disaster shows the vote, refuses a wrong hash, and acts on the right one', async () => {
  const asked = { chain: CHAIN, kind: 'to-op-conductor', node: '', againstVote: false, by }
  const wrong = `0x${'ab'.repeat(32)}`
  const shown = await disaster.invoke<Told>({ step: 'survey', ...asked, hash: '' })
  expect(shown.told).toContain('the votes are for block')
  expect(await disaster.invoke<Told>({ step: 'survey', ...asked, hash: wrong })).toMatchObject({ outcome: 'refused' })
  await expect(disaster.invoke({ step: 'act', ...asked, hash: wrong })).rejects.toThrow(/^RefusedActError: /)
  await expect(disaster.invoke({ step: 'act', ...asked, kind: 'erase' })).rejects.toThrow(/^InvalidInputError: .*kind:/)
  expect((await head())?.leader).toBe('ada')

  const { hash } = (await head()) ?? {}
  const { told } = await disaster.invoke<Told>({ step: 'act', ...asked, hash })
  expect(told).toMatch(/^handed over at block \d+: wire a node/)
  expect((await disaster.invoke<Told>({ step: 'see', ...asked, hash })).told).toContain('nobody sequences')
  expect((await head())?.leader).toBe('')
}, 30_000)
