import { afterEach, expect, test } from 'vitest'
import { begin, goBack, resume } from '../../../lib/resequence/operate.ts'
import type { ResequenceRequest } from '../../../lib/resequence/request.ts'
import { createRpc } from '../../../lib/resequence/rpc.ts'
import { readLastBlock } from '../../../lib/resequence/zk-node.ts'
import type { ObjectStore } from '../../../lib/store/stores.ts'
import { buildWorld, KEEP, type World } from '../world.ts'

let world: World
afterEach(() => world.close())

/** A store that takes so many entries; then this process is dead: it can write nothing any more. */
function diesAfter(objects: ObjectStore, puts: number): ObjectStore {
  let left = puts
  return {
    get: (key) => objects.get(key),
    put: async (key, bytes, how) => {
      if (left-- <= 0) throw new Error('this process is dead')
      await objects.put(key, bytes, how)
    },
  }
}

test('a process that dies after any entry of the journal is followed by one that ends the run, or goes back', async () => {
  world = await buildWorld()
  const node = createRpc('sequencer', world.config.sequencer.rpc, 1_000)
  const endings: string[] = []
  for (const puts of [5, 15, 21, 22, 25, 31]) {
    const keep = { batch: KEEP, hash: (await readLastBlock(node, KEEP)).hash }
    const request = { from: 'stream', keep, strict: true, reuse: true, bad: [], by: 'ada' } satisfies ResequenceRequest
    await expect(begin(world.carrier(diesAfter(world.objects, puts)), request)).rejects.toThrow('this process is dead')
    const died = (await world.carrier().journal.latest())?.entries.at(-1)
    const ended = await resume(world.carrier()).catch(() => goBack(world.carrier(), keep))
    expect(ended.ended).toBe(true)
    endings.push(`${died?.step} ${died?.state} → ${ended.entries.at(-1)?.step}`)
  }
  // Every one is carried to its end: nothing was lost, so there was no need to go back.
  expect(endings.filter((ending) => !ending.endsWith('→ run'))).toEqual([])
  expect(endings.join('\n')).toMatch(/unwind begun/)
  expect(endings.join('\n')).toMatch(/resequence/)
}, 480_000)
