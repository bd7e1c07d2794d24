import { afterEach, beforeEach, expect, test } from 'vitest'
import { begin, goBack } from '../../../lib/resequence/operate.ts'
import { createRpc, type Rpc } from '../../../lib/resequence/rpc.ts'
import type { Carrier } from '../../../lib/resequence/run.ts'
import { readHash, readLastBlock, readTip } from '../../../lib/resequence/zk-node.ts'
import { buildWorld, KEEP, type World } from '../world.ts'

// The way back must not take what was published since: on the new blocks, or on the old ones.

let world: World
let node: Rpc
beforeEach(async () => {
  world = await buildWorld()
  node = createRpc('sequencer', world.config.sequencer.rpc, 1_000)
}, 20_000)
afterEach(() => world.close())

/** One whose word for the history is lost. */
function forgetful(what: RegExp): Carrier {
  const carrier = world.carrier()
  const remember = (words: string) => (what.test(words) ? Promise.reject(new Error('lost')) : carrier.remember(words))
  return { ...carrier, remember }
}

/** A block that was not there before. */
async function published() {
  const { number } = await readTip(node)
  for (let i = 0; (await readTip(node)).number === number && i < 500; i++)
    await new Promise((resolve) => setTimeout(resolve, 20))
  return readTip(node)
}

test('it is refused once blocks came upon the new ones, though nobody wrote that down', async () => {
  const keep = { batch: KEEP, hash: (await readLastBlock(node, KEEP)).hash }
  const wish = { from: 'stream' as const, strict: true, reuse: true, bad: [], by: 'ada', keep }
  await expect(begin(forgetful(/^confirm: /), wish)).rejects.toThrow('lost')
  const tip = await published()
  await expect(goBack(world.carrier(), keep)).rejects.toMatchObject({
    name: 'ResequenceRefused',
    message: expect.stringContaining('already goes on'),
  })
  expect(await readHash(node, tip.number)).toBe(tip.hash)
}, 60_000)

test('again, after the copy was put back: what came upon the old blocks since stays', async () => {
  world.behave({ mutation: 'P1' })
  await expect(world.begin({ strict: false })).rejects.toThrow('P1')
  world.behave({ mutation: '' })
  const { keep = { batch: 0n, hash: '0x' as const } } = (await world.carrier().journal.latest())?.request ?? {}
  await expect(goBack(forgetful(/^went back/), keep)).rejects.toThrow('lost')
  const tip = await published()
  await goBack(world.carrier(), keep)
  expect(await readHash(node, tip.number)).toBe(tip.hash)
}, 60_000)
