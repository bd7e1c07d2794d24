import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openResequence } from '../../../lib/operations/resequence/open.ts'
import { begin, goBack, resume } from '../../../lib/operations/resequence/operate.ts'
import { createRpc } from '../../../lib/operations/resequence/rpc.ts'
import { readLastBlock } from '../../../lib/operations/resequence/zk-node.ts'
import { buildWorld, KEEP, type World } from '../world.ts'

// Steps whose claim would hold of nothing: no unit of that name, no process of that name, an event of another run.

let world: World
beforeEach(async () => {
  world = await buildWorld()
}, 300_000)
afterEach(() => world.close())

const lastEntry = async () => (await world.runContext().journal.latest())?.entries.at(-1)

test('units that do not exist are not "stopped"', async () => {
  writeFileSync(join(world.folder, 'l1-load'), 'not-found\n\nnot-found\n')
  await expect(world.begin({})).rejects.toThrow('a unit that sends batches to L1 is not-found')
  expect(await lastEntry()).toMatchObject({ step: 'stop-l1-clients', state: 'failed' })
  writeFileSync(join(world.folder, 'l1-load'), 'loaded\n\nloaded\n')
  expect((await resume(world.runContext())).ended).toBe(true)
  expect(readFileSync(join(world.folder, 'l1-clients'), 'utf8')).toBe('active\n')
}, 300_000)

test('a node that answers and is named by no process is not "stopped"', async () => {
  const { commands = {} } = world.config.sequencer.host as { commands?: Record<string, [string, ...string[]]> }
  const { processes } = commands
  commands.processes = ['echo', 'ps']
  const pid = () => readFileSync(join(world.folder, 'pid'), 'utf8')
  const before = pid()
  await expect(world.begin({})).rejects.toThrow('the sequencer answers, and no process of it is seen')
  expect(await lastEntry()).toMatchObject({ step: 'halt', state: 'failed' })
  expect(pid()).toBe(before)
  if (processes) commands.processes = processes
  expect((await resume(world.runContext())).ended).toBe(true)
}, 300_000)

test('a rollback of an earlier run is not this one’s', async () => {
  const node = createRpc('sequencer', world.config.sequencer.rpc, 1_000)
  const keep = { batch: KEEP, hash: (await readLastBlock(node, KEEP)).hash }
  const { l1, config, stores, objects } = world
  l1.rollBack(Number(KEEP))
  l1.state.sequenced = 8
  // L1 seems to be rolled back, and nothing says when.
  const say = (message: string) => {
    if (message.startsWith('send this')) l1.state.sequenced = Number(KEEP)
  }
  const { signal } = new AbortController()
  const held = { owner: 'ada/1', prove: async () => {} }
  const runContext = openResequence({ config, stores, objects, by: 'ada', say, signal, held })
  const request = { from: 'stream' as const, strict: true, reuse: true, bad: [], by: 'ada', keep }
  await expect(begin(runContext, request)).rejects.toThrow(/not within 2 s: L1 is rolled back to batch 4/)
  await goBack(world.runContext(), keep)
}, 300_000)

test('from L1, a kept batch that is not on L1 yet is refused at once', async () => {
  writeFileSync(join(world.folder, 'l1-clients'), 'inactive\n')
  world.l1.state.sequenced = 5
  await expect(world.begin({ from: 'l1', batch: 7n })).rejects.toThrow('batch 7 is not on L1 yet')
}, 300_000)
