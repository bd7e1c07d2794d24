import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Drill } from '../../../lib/simulator/drills/drill.ts'
import { outages } from '../../../lib/simulator/drills/outages.ts'
import { play, playAll } from '../../../lib/simulator/drills/play.ts'
import { renderDrills } from '../../../lib/simulator/drills/render.ts'

test('each public outage is played, and Baton does what it must', { timeout: 240_000 }, async () => {
  const first = await playAll(outages, { atOnce: 6 })
  const failed = first.flatMap(({ id, name, checks }) =>
    checks.filter(({ holds }) => !holds).map(({ must, seen }) => `${id} ${name}: ${must}${seen ? ` (${seen})` : ''}`),
  )
  expect(failed).toEqual([])
  expect(first).toHaveLength(33)
  expect(renderDrills(outages, first)).toContain(`${outages.length} of ${outages.length} pass`)
})

test('every outage is one drill, with its source', () => {
  const unique = (of: readonly string[]) => expect(new Set(of).size).toBe(of.length)
  unique(outages.map(({ id }) => id))
  unique(outages.map(({ name }) => name))
  const reported = readFileSync('docs/drills.md', 'utf8')
  for (const { id, name, outage } of outages) {
    expect(new URL(outage.source).protocol).toBe('https:')
    expect(reported).toContain(`| ${id} | \`${name}\` |`)
  }
})

test('a drill that proves nothing, goes wrong or publishes beside Baton fails', { timeout: 60_000 }, async () => {
  const [any] = outages
  if (!any) throw new Error('there are drills')
  const variants: readonly (readonly [string, Drill['play']])[] = [
    ['something was checked', async (stage) => void (await stage.begin())],
    ['runs to its end', () => Promise.reject(new Error('broken'))],
    [
      'no node shows another block',
      async (stage, check) => {
        await stage.begin()
        stage.chain.batcher.running = false
        const bob = stage.node('bob')
        const head = bob.execution.head
        bob.isolate()
        bob.cutOff()
        bob.consensus.conductor.overridden = true
        await bob.consensus.sequencer.start(head.hash)
        check('bob publishes', await stage.within(12, () => bob.execution.head.number > head.number))
        await stage.blocks(3)
      },
    ],
  ]
  const played = await Promise.all(variants.map(([, how]) => play({ ...any, stage: {}, play: how })))
  for (const [i, [must]] of variants.entries()) {
    const missed = played[i]?.checks.filter(({ holds }) => !holds).map((each) => each.must)
    expect(missed?.join()).toContain(must)
  }
})
