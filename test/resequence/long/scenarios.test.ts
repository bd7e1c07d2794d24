import { afterEach, expect, test } from 'vitest'
import type { Behaviour } from '../erigon/model.ts'
import { buildWorld, type World } from '../world.ts'

let world: World
afterEach(() => world.close())

const same = /P8 holds/
const other = /P8 differs \(allowed\)/

/** The five scenarios of cdk-erigon's own change, each strict and not; `says` = how it ends. */
const scenarios: readonly (readonly [
  name: string,
  strict: boolean,
  change: Partial<Behaviour>,
  reuse: boolean,
  says: RegExp,
])[] = [
  ['1 nothing changed', true, {}, true, same],
  ['1 nothing changed', false, {}, true, same],
  ['2 lower counters', true, { limit: 25 }, true, /strict: batch 5 became 2/],
  ['3 lower counters', false, { limit: 25 }, true, other],
  ['4 several L1 info updates, kept', true, { updates: true }, true, same],
  ['4 several L1 info updates, kept', false, { updates: true }, true, same],
  ['5 several L1 info updates, new', false, { updates: true }, false, other],
  ['5 several L1 info updates, new', true, { updates: true }, false, /P8 .* is broken/],
]

/** What a configuration may say of the log, and what else is in it: the run is as without it. */
const logs: readonly (readonly [string, Partial<Behaviour>])[] = [
  ['plain', {}],
  ['in JSON, below info, and flooded by its RPC', { json: 'log.console.json', quiet: true, noise: true }],
]
const all = logs.flatMap(([log, how]) => scenarios.map((one) => [one[0], one[1], log, how, one] as const))

test.each(all)('scenario %s, strict %s; log %s', async (name, strict, _, how, [, , change, reuse, says]) => {
  world = await buildWorld()
  world.behave({ ...change, ...how })
  const outcome = await world.begin({ strict, reuse }).then(
    ({ entries }) => entries.findLast(({ step, state }) => step === 'verify' && state === 'done')?.words,
    (error: Error) => error.message,
  )
  expect(outcome, `${name}\n${world.said.join('\n')}`).toMatch(says)
})
