import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { begin, goBack, resume } from '../../../lib/operations/resequence/operate.ts'
import type { ResequenceRequest } from '../../../lib/operations/resequence/request.ts'
import { createRpc } from '../../../lib/operations/resequence/rpc.ts'
import { readLastBlock, readTip } from '../../../lib/operations/resequence/zk-node.ts'
import { buildWorld, KEEP, type World } from '../world.ts'

/** One network for all faults: after each the backup is put back, and the next finds a sound chain. */
let world: World
beforeAll(async () => {
  world = await buildWorld()
}, 20_000)
afterAll(() => world.close())
afterEach(() => world.said.splice(0))

async function fails(mutation: string, strict = false): Promise<string> {
  world.behave({ mutation })
  const { message } = await world.begin({ strict }).then(
    () => new Error('it succeeded'),
    (error: Error) => error,
  )
  world.behave({ mutation: '' })
  return message
}

async function goBackNow() {
  const run = await world.runContext().journal.latest()
  if (!run) throw new Error('no run')
  return await goBack(world.runContext(), run.request.keep)
}

const predicates = [
  ['P0', 'a kept block is another one'],
  ['P1', 'two blocks are merged'],
  ['P2', 'a timestamp differs'],
  ['P3', 'transactions are in another order'],
  ['P4', 'a block moves into the batch before its own'],
  ['P5', 'two batches become one'],
  ['P6', 'a transaction is dropped without a word'],
  ['P7', 'a block has a foreign parent'],
] as const

test.each(predicates)('%s: %s', async (name) => {
  expect(await fails(name)).toContain(`${name} (`)
  expect(world.said.filter((line) => line.startsWith('✗')).join('\n')).toContain(`✗ ${name} `)
  await goBackNow()
})

test('P8: strict, and only the hashes differ', async () => {
  expect(await fails('P8', true)).toMatch(/P8 .* is broken: block \d+ is 0x/)
  await goBackNow()
})

const traps = [
  ['unwind-error', 'the unwind failed, with exit code 0', /the unwind says: .*wrong trie root/],
  ['unwind-deep', 'the unwind went too deep', /the database ends with block 9 after the unwind, not with block 12/],
  ['noop', 'the node drops the batches and says "completed"', /says that it is completed, and has built nothing/],
  ['short', 'it leaves the newest batch out', /it builds batches 5 to \d+, not 5 to \d+/],
  ['error', 'an error in the middle, and "completed" after it', /the node says: Staged Sync .*overflowed counters/],
  ['full', 'a full disk at a commit in the middle', /the node says: Staged Sync .*no space left on device/],
  ['die', 'the node ends in the middle, with exit code 0', /the node has ended before it was done/],
  ['killed', 'the node is killed in the middle', /the node has ended before it was done/],
  ['spin', 'it closes batches for ever', /became more than 16: a loop/],
] as const

test.each(traps)('%s: %s', async (mutation, _, says) => {
  expect(await fails(mutation)).toMatch(says)
  await expect(resume(world.runContext())).rejects.toThrow(/failed/)
  expect((await world.begin({}).catch((error: Error) => error)) as Error).toHaveProperty(
    'name',
    expect.stringMatching(/Refused|ZkNode/),
  )
  await goBackNow()
  expect(world.said.join('\n')).toMatch(/block \d+ is 0x\w+, as before/)
})

test('the copy is not whole: refused before anything is unwound, and resumed when it is', async () => {
  const { commands = {} } = world.config.sequencer.host as { commands?: Record<string, [string, ...string[]]> }
  const right = commands.backup
  commands.backup = ['true']
  expect(await world.begin({}).catch(({ message }: Error) => message)).toMatch(/the copy \w+ is not whole/)
  if (right) commands.backup = right
  expect((await resume(world.runContext())).ended).toBe(true)
})

test('the plain start replaces a block that was verified', async () => {
  expect(await fails('rewrite')).toMatch(/block \d+ was 0x\w+, is 0x\w+ after the start/)
  await goBackNow()
})

test('a follower that does not unwind: the run waits, says which, and goes on when it is mended', async () => {
  world.behave({ limit: 25 })
  world.setStuck(true)
  expect(await world.begin({ strict: false }).catch(({ message }: Error) => message)).toMatch(
    /rpc-1 has block \d+ of the/,
  )
  await expect(goBackNow()).rejects.toThrow('they are published')
  world.setStuck(false)
  world.behave({ limit: 1_000 })
  expect((await resume(world.runContext())).ended).toBe(true)
})

test('what is asked for must be possible, and confirmed by the hash', async () => {
  const node = createRpc('sequencer', world.config.sequencer.rpc, 1_000)
  const { hash } = await readLastBlock(node, KEEP)
  const tip = await readTip(node)
  const request: ResequenceRequest = {
    from: 'stream',
    keep: { batch: KEEP, hash },
    strict: true,
    reuse: true,
    bad: [],
    by: 'ada',
  }
  const refusals: readonly [Partial<ResequenceRequest>, RegExp][] = [
    [{ keep: { batch: KEEP, hash: tip.hash } }, /batch 4 ends with block 12 0x\w+, not 0x/],
    [{ keep: { batch: 0n, hash } }, /genesis/],
    [{ keep: { batch: 1n, hash } }, /batch 2 is verified on L1/],
    [{ keep: { batch: 9_999n, hash } }, /not below the newest/],
    [{ bad: [6n] }, /only a recovery from L1/],
  ]
  for (const [change, says] of refusals) {
    await expect(begin(world.runContext(), { ...request, ...change })).rejects.toThrow(says)
  }
  world.l1.state.batchesInSequence = 5
  await expect(begin(world.runContext(), request)).rejects.toThrow(/in the middle of a sequence/)
  world.l1.state.batchesInSequence = 1
  world.l1.state.admin = '0x00000000000000000000000000000000000000cc'
  await expect(begin(world.runContext(), request)).rejects.toThrow(/L1 would refuse the rollback: .*NotAllowedAddress/)
  world.l1.state.admin = '0x00000000000000000000000000000000000000ad'
  expect(readFileSync(join(world.folder, 'l1-clients'), 'utf8').trim()).toBe('active')
})

test('from L1: a bad batch is left out, every other block is there', async () => {
  const run = await world.begin({ from: 'l1', bad: [6n] })
  expect(run.ended).toBe(true)
  expect(world.said.join('\n')).toMatch(
    /recover: done\. batches 5 to \d+ were rebuilt from L1 since its block \d+, 1 left out/,
  )
  const records = await world.stores.history.list('779', { limit: 5 })
  expect(records[0]).toMatchObject({ what: 'resequence', actor: { kind: 'operator', name: 'ada' } })
})
