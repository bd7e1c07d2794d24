import { expect, test } from 'vitest'
import type { ObservedNode } from '../../lib/protocol/decision.ts'
import { remember } from '../../lib/protocol/observed-node.ts'
import { known, l2, T } from './scene.ts'

/** A sample of a node whose execution client stands still below the block it is asked for. */
function sample(at: number) {
  const { observation } = known('b', { at: l2(90n) }, at)
  if (!observation.execution.ok) throw new Error('it answers')
  return { ...observation, execution: { ok: true as const, value: { ...observation.execution.value, at: l2(100n) } } }
}

/** Samples a second apart; from `turn` on by a clock that was set back by so much. */
function watched(samples: number, turn: number, back: number): ObservedNode {
  let seen: ObservedNode | undefined
  for (let i = 0; i < samples; i++) seen = remember(seen, sample(T + i * 1_000 - (i < turn ? 0 : back)))
  if (!seen) throw new Error('no sample')
  return seen
}

/** How long each of what is remembered has lasted, by the clock of the last sample. */
function lasted({ observation: { at }, consensus, execution, history }: ObservedNode) {
  return [consensus.since, execution.since, history?.stillSince].map((since) => since !== undefined && at - since)
}

test.each([1_500, 60_000, 388_000])('a clock set back by %d ms: what has lasted so long has lasted as long', (back) => {
  const [straight, turned] = [watched(10, 10, 0), watched(10, 5, back)].map(lasted)
  // Whether it stands still shows in the second sample.
  expect(straight).toEqual([9_000, 9_000, 8_000])
  // The step itself takes no time by the new clock.
  expect(turned).toEqual([8_000, 8_000, 7_000])
})
