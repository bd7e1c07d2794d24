import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { planResequence, type Request } from '../../../lib/operations/resequence/operate.ts'
import type { Version } from '../erigon/version.ts'
import { buildWorld, KEEP, type World } from '../world.ts'

let world: World
beforeEach(async () => {
  world = await buildWorld()
}, 300_000)
afterEach(() => world.close())

/** All that a run may change, and whether L1 or the node was asked anything. */
async function state() {
  const read = (name: string) => readFileSync(join(world.folder, name), 'utf8')
  const { journal } = world.runContext()
  return { pid: read('pid'), clients: read('l1-clients'), run: await journal.latest(), asked: world.l1.state.asked }
}

type Flag = 'onlySmtV2' | 'sealOnOverflow'
const refusals: [flag: string, wish: Partial<Request>, configured: Flag | undefined][] = [
  ['cdk-erigon has no --zkevm.recovery-stop-batch', { from: 'l1' }, undefined],
  ['cdk-erigon has no --zkevm.bad-batches', { from: 'l1', bad: [6n] }, undefined],
  ['cdk-erigon has no --zkevm.seal-batch-immediately-on-overflow', { strict: false }, 'sealOnOverflow'],
  ['integration state_stages_zkevm has no --only-smt-v2', {}, 'onlySmtV2'],
]

test.each(refusals)(
  '%s: refused before anything is asked or changed',
  async (says, wish, configured) => {
    const sequencer = world.config.sequencer as { onlySmtV2: boolean; sealOnOverflow: boolean }
    if (configured) sequencer[configured] = true
    world.behave({ version: '2024' })
    const before = await state()
    const refused = { name: 'ResequenceRefused', message: expect.stringContaining(says) }
    const planned: Request = { from: 'stream', strict: true, reuse: true, bad: [], by: 'ada', batch: KEEP, ...wish }
    await expect(planResequence(world.runContext(), planned)).rejects.toMatchObject(refused)
    await expect(world.begin(wish)).rejects.toMatchObject(refused)
    expect(await state()).toEqual(before)
    // The version that has it.
    world.behave({ version: '2026' })
    expect((await planResequence(world.runContext(), planned)).steps.length).toBeGreaterThan(10)
  },
  60_000,
)

test.each<Version>(['2024', '2026'])(
  'from the stream, both can do it: %s',
  async (version) => {
    world.behave({ version })
    expect((await world.begin({})).ended).toBe(true)
    expect(world.said.join('\n')).toMatch(/✓ P8/)
  },
  60_000,
)

test('programs that are not there, or say nothing of flags, are refused by name', async () => {
  const { commands = {} } = world.config.sequencer.host as { commands?: Record<string, [string, ...string[]]> }
  commands.flags = ['sh', '-c', 'no-such-cdk-erigon --help']
  await expect(world.begin({})).rejects.toThrow('"cdk-erigon --help" names no flag: sh:')
  commands.flags = ['echo', 'cdk-erigon --datadir']
  await expect(world.begin({})).rejects.toThrow('"integration state_stages_zkevm --help" names no flag')
  expect(await world.runContext().journal.latest()).toBeUndefined()
})
