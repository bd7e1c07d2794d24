import { afterEach, expect, test } from 'vitest'
import type { Context } from '../../../lib/operations/resequence/context.ts'
import type { Notes } from '../../../lib/operations/resequence/journal.ts'
import { stopNode } from '../../../lib/operations/resequence/machine.ts'
import { halt } from '../../../lib/operations/resequence/steps/halt.ts'
import type { Behaviour } from '../erigon/model.ts'
import { buildWorld, KEEP, type World } from '../world.ts'

let world: World
afterEach(() => world.close())

/** Carries out the one step, as a run would. */
async function haltOnce(): Promise<string> {
  const { endpoints: reach } = world.runContext()
  let notes: Notes = {}
  const context: Context = {
    ...reach,
    request: { from: 'stream', keep: { batch: KEEP, hash: '0x' }, strict: true, reuse: true, bad: [], by: 'ada' },
    resumed: false,
    continued: false,
    begunAt: reach.clock.now(),
    sent: () => undefined,
    notes: () => notes,
    note: async (more) => {
      notes = { ...notes, ...more }
    },
    keepBefore: async () => {},
    before: async () => ({ kept: [], range: { blocks: [], batches: [] } }),
  }
  return await halt.run(context)
}

/** What the configuration of the node may say of its log, and what its RPC adds to it. */
const logs: readonly (readonly [string, Partial<Behaviour>])[] = [
  ['as it is delivered', {}],
  ['with the noise of its RPC', { noise: true }],
  ['in JSON, and noise', { json: 'log.console.json', noise: true }],
  ['in JSON by the older flag, below info', { json: 'log.json', quiet: true }],
]

test.each(logs)(
  'twenty halts in a row, each after a stop that ends with "Context done": %s',
  async (_, change) => {
    world = await buildWorld()
    world.behave(change)
    for (let i = 0; i < 20; i++) {
      expect(await haltOnce()).toMatch(/^halted before batch \d+; batch \d+ is closed$/)
      // On again as always, so that the next stop ends a node at work.
      await stopNode(world.runContext().endpoints)
      await world.runContext().endpoints.host.run('start')
      await world.produces()
    }
  },
  300_000,
)

test('a node that is killed before it halts is not waited for', async () => {
  world = await buildWorld()
  world.behave({ mutation: 'killed-before-halt' })
  const began = performance.now()
  await expect(haltOnce()).rejects.toThrow('the sequencer has ended before it halted')
  // The patience of this world is a minute, that of a real machine half an hour.
  expect(performance.now() - began).toBeLessThan(30_000)
  world.behave({ mutation: '' })
  await world.runContext().endpoints.host.run('start')
  await world.produces()
  expect(await haltOnce()).toMatch(/^halted before batch/)
}, 120_000)
