import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CommandLine } from '../../../lib/host/step.ts'
import { buildWorld, KEEP, type World } from '../../resequence/world.ts'
import { type Account, openAccount } from '../harness/aws.ts'
import { type Running, start } from '../harness/invoke.ts'
import { type SsmAgent, startSsmAgent } from '../harness/ssm-agent.ts'

// The bundle against the model of the node: its journal in S3, its lease in DynamoDB, its configuration in SSM, and
// the machine behind Systems Manager, whose documents are run by a stand-in for its agent.

const CHAIN = '779'
const by = 'automation 6f1c'
let account: Account
let world: World
let agent: SsmAgent
let env: Readonly<Record<string, string>>
let resequence: Running

beforeAll(async () => {
  ;[account, world] = await Promise.all([openAccount([CHAIN]), buildWorld()])
  const written = JSON.parse(readFileSync(join(world.folder, 'resequence.json'), 'utf8')) as {
    store?: object
    sequencer: { rpc: string; host: { commands: Record<string, CommandLine> } }
  }
  const { store: _, sequencer, ...config } = written
  const deployed = {
    ...config,
    sequencer: {
      rpc: sequencer.rpc,
      host: { kind: 'ssm', stack: 'cdk-erigon', instance: 'i-0123456789abcdef0', documents: 'Baton-test' },
    },
    // Each step of a machine takes a second or more this way.
    patience: { pollMs: 20, leaseMs: 5_000 },
  }
  agent = await startSsmAgent(account.env.AWS_ENDPOINT_URL_SSM ?? '', {
    stack: 'cdk-erigon',
    documents: 'Baton-test',
    commands: () => sequencer.host.commands,
    delayMs: (step) => (step === 'backup' ? 3_000 : 0),
  })
  await account.putParameter(`/chains/${CHAIN}/resequence`, JSON.stringify(deployed))
  env = { ...account.env, AWS_ENDPOINT_URL_SSM: agent.endpoint }
  resequence = await start('resequence', env)
}, 120_000)
afterAll(async () => {
  await resequence?.kill()
  agent?.close()
  world?.close()
  await account?.close()
})

/** What a function that carries a slice is given. */
const LONG = { remainingMs: 880_000 }

type Taken = { readonly outcome: string; readonly text: string; readonly state: { readonly said?: readonly string[] } }
const take = (step: string, input: object, state: object = {}, owner = 'run-1') =>
  resequence.invoke<Taken>({ step, owner, input, state }, LONG)
const asked = { chain: CHAIN, act: 'begin', batch: String(KEEP), hash: '', from: 'stream', bad: '', by }

const until = async (condition: () => boolean) => {
  for (let i = 0; !condition() && i < 3_000; i++) await sleep(20)
}

test.each([
  [{ chain: '902' }, /^UnknownChainError/],
  [{ act: 'erase' }, /^InvalidInputError: .*act:/],
  [{ bad: '71;74' }, /^InvalidInputError: .*bad/],
])('%j is refused by its fields', async (change, message) => {
  await expect(take('Plan', { ...asked, ...change })).rejects.toThrow(message)
})

test('a run is planned, begun, followed by the next call after the first one died, and told as done', async () => {
  const shown = await take('Plan', asked)
  const [, hash] = /its last block (0x[0-9a-f]{64})/.exec(shown.text) ?? []
  expect(shown.outcome).toBe('refused')
  const { outcome, state } = await take('Plan', { ...asked, hash })
  expect(outcome).toBe('confirmed')
  // A plan asks the programs for their flags, and changes nothing.
  expect([...new Set(agent.sent)]).toEqual(['flags'])

  const slice = () => take('Carry it on', { ...asked, hash }, state)
  slice().catch(() => {})
  await until(() => agent.sent.includes('backup'))
  const other = take('Carry it on', { ...asked, hash, act: 'resume', by: 'bea' }, state, 'run-2')
  await expect(other).rejects.toThrow(/^ResequenceRefused: chain 779 is being re-sequenced by auto/)
  await sleep(500)
  await resequence.kill()

  resequence = await start('resequence', env)
  const carrying = slice()
  await until(() => resequence.output().includes('send this transaction'))
  world.l1.rollBack(Number(KEEP))
  const carried = await carrying
  expect(carried).toMatchObject({ outcome: 'done', text: 'run 1: done' })
  expect(carried.state.said?.join('\n')).toMatch(/✓ P8/)
  for (const step of ['backup', 'compare-backup', 'unwind', 'start-resequencing'])
    expect(
      agent.sent.filter((name) => name === step),
      step,
    ).toHaveLength(1)
  expect(await slice()).toMatchObject({ outcome: 'done' })

  const records = await account.stores.history.list(CHAIN, { limit: 50 })
  expect(new Set(records.map(({ actor }) => actor.name))).toEqual(new Set([by]))
  expect(await account.objects.get(`resequence/${CHAIN}/1/request.json`)).toBeDefined()
  expect(await account.objects.get(`resequence/${CHAIN}/2/request.json`)).toBeUndefined()
}, 240_000)
