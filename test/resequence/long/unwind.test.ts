import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { goBack, resume } from '../../../lib/operations/resequence/operate.ts'
import { read } from '../erigon/model.ts'
import { buildWorld, type World } from '../world.ts'

// An unwind that did not happen, or not to its end, stops the run there, whatever its log says. Before, the line that
// the tool writes before its work counted, and a run from L1 ended with every predicate satisfied and nothing rebuilt.

let world: World
beforeEach(async () => {
  world = await buildWorld()
}, 60_000)
afterEach(() => world.close())

const unwinds = [
  [
    'commit-full',
    'a full disk at the commit, exit code 0',
    /the unwind says: mdbx_txn_commit_ex: no space left on device/,
  ],
  [
    'commit-crit',
    'a broken disk at the commit, exit code 0',
    /the unwind says: mdbx_txn_commit_ex: input\/output error/,
  ],
  ['kill-early', 'killed before its first line', /the unwind ended with exit code 137 \(it was killed\)/],
  ['kill-unwind', 'killed in its work', /the unwind ended with exit code 137 \(it was killed\)/],
  ['kill-commit', 'killed in its commit', /the unwind ended with exit code 137 \(it was killed\)/],
  ['kill-committed', 'killed after its commit', /the unwind ended with exit code 137 \(it was killed\)/],
  ['unwind-interrupted', 'interrupted, without an error', /the unwind was interrupted: Got interrupt/],
  ['unwind-noop', 'silence, and nothing done', /the database ends with block \d+ after the unwind, not with block 12/],
  ['unwind-other', 'it unwound something else', /the database ends with block \d+ after the unwind, not with block 12/],
] as const

// Only the steps after the unwind ask whether the run is strict: each of both is tried with one source.
const ways = [
  { from: 'stream', strict: true },
  { from: 'l1', strict: false },
] as const

describe.each(ways)('$from, strict $strict', ({ from, strict }) => {
  test.each(unwinds)('%s: %s', async (mutation, _, says) => {
    world.behave({ mutation })
    const error = await world.begin({ from, strict }).catch((failed: Error) => failed)
    world.behave({ mutation: '' })
    expect(error).toMatchObject({ name: 'StepFailed', message: expect.stringMatching(says) })
    const run = await world.runContext().journal.latest()
    expect(run?.entries.at(-1)).toMatchObject({ step: 'unwind', state: 'failed' })
    expect(world.said.filter((line) => /^[✓✗·] P\d/.test(line))).toEqual([])
    await expect(resume(world.runContext())).rejects.toThrow('the step unwind failed')
    if (!run) throw new Error('no run')
    await goBack(world.runContext(), run.request.keep)
    expect(world.said.join('\n')).toMatch(/block \d+ is 0x\w+, as before/)
  })
})

test('a database that cannot be read back is not changed: the run stops before L1 and the unwind', async () => {
  const blocks = () => read(join(world.folder, 'data', 'chaindata', 'mdbx.dat')).blocks.length
  world.behave({ mutation: 'stages-unreadable' })
  const { sequenced } = world.l1.state
  await expect(world.begin({})).rejects.toThrow(/the step "database-end" answered .*Opening DB/)
  world.behave({ mutation: '' })
  const run = await world.runContext().journal.latest()
  expect(run?.entries.at(-1)).toMatchObject({ step: 'stop', state: 'failed' })
  expect(run?.notes.backup).toBeUndefined()
  expect(world.l1.state.sequenced).toBeGreaterThanOrEqual(sequenced)
  const before = blocks()
  expect((await resume(world.runContext())).ended).toBe(true)
  expect(blocks()).toBeGreaterThanOrEqual(before)
  expect(readFileSync(join(world.folder, 'l1-clients'), 'utf8')).toBe('active\n')
})

test('from L1, the batches are rebuilt after an unwind that happened; a hole on L1 is no end', async () => {
  world.behave({ mutation: 'l1-hole' })
  await expect(world.begin({ from: 'l1' })).rejects.toThrow(/found no data on L1 for batch \d+/)
  world.behave({ mutation: '' })
  const run = await world.runContext().journal.latest()
  if (!run) throw new Error('no run')
  await goBack(world.runContext(), run.request.keep)
  // Longer than it may stand still: reading L1 is progress.
  world.behave({ syncMs: 2 * world.config.patience.stallMs })
  expect((await world.begin({ from: 'l1' })).ended).toBe(true)
  world.behave({ syncMs: 0 })
  expect(world.said.join('\n')).toMatch(/✓ P8/)
})
