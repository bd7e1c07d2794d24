import { afterEach, expect, test } from 'vitest'
import type { Host } from '../../../lib/host/host.ts'
import type { Context } from '../../../lib/operations/resequence/context.ts'
import { Interrupted } from '../../../lib/operations/resequence/errors.ts'
import type { Notes } from '../../../lib/operations/resequence/journal.ts'
import { stopNode } from '../../../lib/operations/resequence/machine.ts'
import type { RunContext } from '../../../lib/operations/resequence/run.ts'
import { halt } from '../../../lib/operations/resequence/steps/halt.ts'
import type { Behaviour } from '../erigon/model.ts'
import { buildWorld, KEEP, type World } from '../world.ts'

let world: World
afterEach(() => world.close())

/**
 * Carries out the one step, as a run would.
 *
 * @param cutAt the host's step right before which a slice is cut short; another process continues.
 */
async function haltOnce(cutAt?: string): Promise<string> {
  let notes: Notes = {}
  const cut = new AbortController()
  const { endpoints } = world.runContext(undefined, cut.signal)
  const { host } = endpoints
  const cutting: Host = {
    ...host,
    run: async (step, parameters, signal) => {
      // The command is on its way already.
      if (step === cutAt) cut.abort()
      return await host.run(step, parameters, signal)
    },
  }
  if (cutAt === undefined) return await haltWith(endpoints, notes, false)
  const stopped = haltWith({ ...endpoints, host: cutting }, notes, false, (more) => {
    notes = { ...notes, ...more }
  })
  await expect(stopped).rejects.toThrow(Interrupted)
  return await haltWith(world.runContext().endpoints, notes, true)
}

async function haltWith(
  reach: RunContext['endpoints'],
  from: Notes,
  continued: boolean,
  noted: (more: Notes) => void = () => {},
): Promise<string> {
  let notes = from
  const context: Context = {
    ...reach,
    request: { from: 'stream', keep: { batch: KEEP, hash: '0x' }, strict: true, reuse: true, bad: [], by: 'ada' },
    resumed: continued,
    continued,
    begunAt: reach.clock.now(),
    sent: () => undefined,
    notes: () => notes,
    note: async (more) => {
      notes = { ...notes, ...more }
      noted(more)
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

test.each(['stop', 'start-halting'])(
  'cut short at "%s", it waits for the process that is to halt',
  async (step) => {
    world = await buildWorld()
    expect(await haltOnce(step)).toMatch(/^halted before batch/)
  },
  120_000,
)
