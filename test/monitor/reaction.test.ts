import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Fault, faults, missedIn, react, reactionTable, worstGap } from './reaction.ts'

/** Slots missed at most, at any block time. */
const most: Readonly<Record<keyof typeof faults, number>> = {
  'op-node killed': 1,
  'op-geth killed': 1,
  'op-reth killed, back without its newest blocks': 2,
  'sequencer stopped': 1,
  'host lost': 4,
  'op-node frozen': 4,
  'op-geth frozen': 4,
  'connections cut': 4,
  'killed behind a proxy': 4,
  'answers, commits nothing': 8,
}

const everyFault = Object.entries(faults) as [keyof typeof faults, Fault][]

describe.each([2_000, 1_000, 500, 250, 200])('%i ms blocks', (blockTimeMs) => {
  test.each(everyFault)('%s: no more slots are missed than at any other block time', async (name, fault) => {
    const gapMs = await worstGap(blockTimeMs, fault)
    expect(missedIn(gapMs, blockTimeMs)).toBeLessThanOrEqual(most[name])
  })

  test.each(everyFault)('%s, and no move is allowed: a page within 20 s', async (name, fault) => {
    const { pagedMs, blocks } = await react(blockTimeMs, fault, 0.4, { budgetPerHour: 0 })
    // A sequencer that is off is started in place: that is no move.
    if (name === 'sequencer stopped') expect(blocks).toBeGreaterThan(5)
    else expect(pagedMs).toBeLessThan(20_000)
  })
})

/** A planned switchover costs no slot; one to a node that commits nothing is taken back, and costs so many at most. */
describe.each([2_000, 1_000, 500, 250, 200])('a switchover at %i ms blocks', (blockTimeMs) => {
  test('to a fit node: at most one slot', async () => {
    expect(missedIn(await worstGap(blockTimeMs, { switchover: 'fit' }), blockTimeMs)).toBeLessThanOrEqual(1)
  })

  test('to a node that commits nothing: another leads within six slots', async () => {
    expect(missedIn(await worstGap(blockTimeMs, { switchover: 'dud' }), blockTimeMs)).toBeLessThanOrEqual(6)
  })
})

test('a process that refuses costs a chain of 2 s blocks no slot', async () => {
  for (const fault of [faults['op-node killed'], faults['op-geth killed']])
    expect(missedIn(await worstGap(2_000, fault), 2_000)).toBe(0)
})

test('the table in docs/reaction.md is what is measured', { timeout: 240_000 }, async () => {
  const page = readFileSync(new URL('../../docs/reaction.md', import.meta.url), 'utf8')
  expect(page).toContain(await reactionTable())
})
