import { afterEach, expect, test } from 'vitest'
import { begin, resume } from '../../../lib/operations/resequence/operate.ts'
import type { ResequenceRequest } from '../../../lib/operations/resequence/request.ts'
import { createRpc } from '../../../lib/operations/resequence/rpc.ts'
import { readLastBlock } from '../../../lib/operations/resequence/zk-node.ts'
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

/** After how many objects it dies, and the last word then: a run writes its request, then an entry at a time. */
const deaths: [puts: number, at: string][] = [
  [5, 'stop-l1-clients begun'],
  [15, 'capture done'],
  [21, 'l1-rollback begun'],
  [25, 'unwind noted'],
  [27, 'resequence begun'],
  [33, 'stop-again begun'],
]

test.each(deaths)(
  'a process that dies after %i objects, at %s, is followed by one that ends the run',
  async (puts, at) => {
    world = await buildWorld()
    const node = createRpc('sequencer', world.config.sequencer.rpc, 1_000)
    const keep = { batch: KEEP, hash: (await readLastBlock(node, KEEP)).hash }
    const request = { from: 'stream', keep, strict: true, reuse: true, bad: [], by: 'ada' } satisfies ResequenceRequest
    await expect(begin(world.runContext(diesAfter(world.objects, puts)), request)).rejects.toThrow(
      'this process is dead',
    )
    const died = (await world.runContext().journal.latest())?.entries.at(-1)
    expect(`${died?.step} ${died?.state}`).toBe(at)
    const ended = await resume(world.runContext())
    // Nothing was lost, so there was no need to go back.
    expect([ended.ended, ended.entries.at(-1)?.step], `died at ${died?.step} ${died?.state}`).toEqual([true, 'run'])
    console.log(`${puts}: ${died?.step} ${died?.state}`)
  },
  300_000,
)
