import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { countProcesses } from '../../../lib/operations/resequence/machine.ts'
import { begin, goBack } from '../../../lib/operations/resequence/operate.ts'
import { createRpc, type Rpc } from '../../../lib/operations/resequence/rpc.ts'
import type { RunContext } from '../../../lib/operations/resequence/run.ts'
import { readHash, readLastBlock, readTip } from '../../../lib/operations/resequence/zk-node.ts'
import { read } from '../erigon/model.ts'
import { buildWorld, KEEP, type World } from '../world.ts'

// The way back must not take what was published since: on the new blocks, or on the old ones.

let world: World
let node: Rpc
beforeEach(async () => {
  world = await buildWorld()
  node = createRpc('sequencer', world.config.sequencer.rpc, 1_000)
}, 60_000)
afterEach(() => world.close())

/** One whose word for the history is lost. */
function forgetful(what: RegExp): RunContext {
  const runContext = world.runContext()
  const remember = (words: string) =>
    what.test(words) ? Promise.reject(new Error('lost')) : runContext.remember(words)
  return { ...runContext, remember }
}

/** A block that was not there before. */
async function published() {
  const { number } = await readTip(node)
  for (let i = 0; (await readTip(node)).number === number && i < 500; i++)
    await new Promise((resolve) => setTimeout(resolve, 20))
  return readTip(node)
}

test('it is refused once blocks came upon the new ones, though no record says so', async () => {
  const keep = { batch: KEEP, hash: (await readLastBlock(node, KEEP)).hash }
  const wish = { from: 'stream' as const, strict: true, reuse: true, bad: [], by: 'ada', keep }
  await expect(begin(forgetful(/^confirm: /), wish)).rejects.toThrow('lost')
  const tip = await published()
  await expect(goBack(world.runContext(), keep)).rejects.toMatchObject({
    name: 'ResequenceRefused',
    message: expect.stringContaining('has already continued'),
  })
  expect(await readHash(node, tip.number)).toBe(tip.hash)
}, 300_000)

test('again, after the copy was put back: what came upon the old blocks since stays', async () => {
  world.behave({ mutation: 'P1' })
  await expect(world.begin({ strict: false })).rejects.toThrow('P1')
  world.behave({ mutation: '' })
  const { keep = { batch: 0n, hash: '0x' as const } } = (await world.runContext().journal.latest())?.request ?? {}
  await expect(goBack(forgetful(/^went back/), keep)).rejects.toThrow('lost')
  const tip = await published()
  await goBack(world.runContext(), keep)
  expect(await readHash(node, tip.number)).toBe(tip.hash)
}, 300_000)

/** A run whose node goes on upon the new blocks, and no record says so. */
async function goneOn() {
  const keep = { batch: KEEP, hash: (await readLastBlock(node, KEEP)).hash }
  const wish = { from: 'stream' as const, strict: true, reuse: true, bad: [], by: 'ada', keep }
  await expect(begin(forgetful(/^confirm: /), wish)).rejects.toThrow('lost')
  await written()
  return keep
}

/** A batch upon the verified one is in the database: the stand-in writes whole batches. No follower is asked. */
async function written() {
  const verified = Number((await world.runContext().journal.latest())?.notes.number)
  const end = () => read(join(world.folder, 'data', 'chaindata', 'mdbx.dat')).blocks.at(-1)?.number ?? 0
  for (let i = 0; !(end() > verified) && i < 500; i++) await new Promise((resolve) => setTimeout(resolve, 20))
}

const pid = () => Number(readFileSync(join(world.folder, 'pid'), 'utf8'))

/** Kills it, and waits until it is gone. */
async function kill(id: number) {
  process.kill(id, 'SIGKILL')
  const { endpoints: reach } = world.runContext()
  for (let i = 0; (await countProcesses(reach)) > 0 && i < 500; i++) await new Promise((done) => setTimeout(done, 20))
}

test('it is refused while the node runs and cannot be asked', async () => {
  const keep = await goneOn()
  world.setStuck(true)
  const tip = await readTip(node)
  process.kill(pid(), 'SIGSTOP')
  const refused = { name: 'ResequenceRefused', message: expect.stringContaining('runs and does not answer') }
  await expect(goBack(world.runContext(), keep)).rejects.toMatchObject(refused)
  process.kill(pid(), 'SIGCONT')
  expect(await readHash(node, tip.number)).toBe(tip.hash)
}, 300_000)

test('it is refused while the node cannot be asked and a follower has blocks upon the new ones', async () => {
  const keep = await goneOn()
  process.kill(pid(), 'SIGSTOP')
  await expect(goBack(world.runContext(), keep)).rejects.toThrow('they are published')
  process.kill(pid(), 'SIGCONT')
}, 300_000)

test('it is refused when the node is gone and its database has blocks upon the new ones', async () => {
  const keep = await goneOn()
  world.setStuck(true)
  await kill(pid())
  await expect(goBack(world.runContext(), keep)).rejects.toThrow('they are published')
  world.behave({ mutation: 'stages-unreadable' })
  await expect(goBack(world.runContext(), keep)).rejects.toThrow('the step "database-end" answered')
}, 300_000)

test('a node that is gone, and whose database ends with what was verified, has published nothing', async () => {
  const keep = { batch: KEEP, hash: (await readLastBlock(node, KEEP)).hash }
  const wish = { from: 'stream' as const, strict: true, reuse: true, bad: [], by: 'ada', keep }
  await expect(begin(forgetful(/^stop-again: /), wish)).rejects.toThrow('lost')
  await goBack(world.runContext(), keep)
  expect(world.said.join('\n')).toMatch(/block \d+ is 0x\w+, as before/)
  expect((await world.runContext().journal.latest())?.ended).toBe(true)
}, 300_000)
