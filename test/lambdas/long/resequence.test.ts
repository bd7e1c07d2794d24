import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildWorld, KEEP, type World } from '../../resequence/world.ts'
import { type Account, openAccount } from '../harness/aws.ts'
import { type Running, start } from '../harness/invoke.ts'

// The bundle against the model of the node: its journal in S3, its lease in DynamoDB, its configuration in SSM.
// A machine behind Systems Manager cannot be had here: the function drives it by a shell, as no deployed one does.

const CHAIN = '779'
const by = 'automation 6f1c'
let account: Account
let world: World
let resequence: Running

beforeAll(async () => {
  ;[account, world] = await Promise.all([openAccount([CHAIN]), buildWorld()])
  const { store: _, ...config } = JSON.parse(readFileSync(join(world.folder, 'resequence.json'), 'utf8')) as {
    store: object
  }
  await account.putParameter(`/chains/${CHAIN}/resequence`, JSON.stringify(config))
  resequence = await start('resequence', account.env)
}, 120_000)
afterAll(async () => {
  await resequence?.kill()
  world?.close()
  await account?.close()
})

type Planned = { readonly outcome: string; readonly told: string; readonly since: number }
type Carried = { readonly done: boolean; readonly told: string; readonly said: readonly string[] }
const asked = { chain: CHAIN, act: 'begin', batch: String(KEEP), hash: '', from: 'stream', bad: '', by }

test('plans, carries a run to its end, tells what a person has to do, and answers the same when asked again', async () => {
  const shown = await resequence.invoke<Planned>({ step: 'plan', ...asked })
  const [, hash] = /its last block (0x[0-9a-f]{64})/.exec(shown.told) ?? []
  expect(shown.outcome).toBe('refused')
  const { outcome, since } = await resequence.invoke<Planned>({ step: 'plan', ...asked, hash })
  expect(outcome).toBe('confirmed')

  const carrying = resequence.invoke<Carried>({ step: 'carry', ...asked, hash, since })
  const other = { step: 'carry', ...asked, act: 'resume', by: 'bea', since }
  for (let i = 0; !resequence.output().includes('stop-l1-clients') && i < 500; i++) await sleep(20)
  await expect(resequence.invoke(other)).rejects.toThrow(/^ResequenceRefused: chain 779 is being re-sequenced by auto/)
  for (let i = 0; !resequence.output().includes('send this transaction') && i < 1_500; i++) await sleep(20)
  world.l1.rollBack(Number(KEEP))
  const carried = await carrying
  expect(carried).toMatchObject({ done: true, told: 'run 1: done' })
  expect(carried.said.join('\n')).toMatch(/✓ P8/)
  expect(await resequence.invoke<Carried>({ step: 'carry', ...asked, hash, since })).toMatchObject({ done: true })

  const records = await account.stores.history.list(CHAIN, { limit: 50 })
  expect(new Set(records.map(({ actor }) => actor.name))).toEqual(new Set([by]))
  expect(await account.objects.get(`resequence/${CHAIN}/1/request.json`)).toBeDefined()
  expect(await account.objects.get(`resequence/${CHAIN}/2/request.json`)).toBeUndefined()
}, 90_000)

test.each([
  [{ chain: '902' }, /^UnknownChainError/],
  [{ act: 'erase' }, /^InvalidInputError: .*act:/],
  [{ bad: '71;74' }, /^InvalidInputError: .*bad/],
])('%j is refused by its fields', async (change, message) => {
  await expect(resequence.invoke({ step: 'plan', ...asked, ...change })).rejects.toThrow(message)
})
