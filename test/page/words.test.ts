import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ListedBlock, Snapshot } from '../../lib/context/inspect.ts'
import { renderOffered } from '../../lib/page/render-controls.ts'
import { renderState } from '../../lib/page/render-state.ts'
import { decide } from '../../lib/protocol/decide.ts'
import type { View } from '../../lib/protocol/decision.ts'
import { reason } from '../../lib/protocol/reason.ts'
import { explain } from '../../lib/text/explain.ts'
import { gatherNodes } from '../../lib/text/nodes.ts'
import { clipGaps, findGaps } from '../../lib/text/slots.ts'
import { standingOf } from '../../lib/text/standing.ts'
import { stateOf } from '../../lib/text/state.ts'
import { failover, happy, NOW, paused, sharedCause } from './snapshots.ts'

/** The text of a part of the page. */
function textOf(snapshot: Snapshot, part: RegExp): string {
  const markup = renderState(snapshot, { button: (act) => renderOffered(snapshot, act) })
  return (markup.replace(/<style>[\s\S]*?<\/style>/, '').match(part)?.[0] ?? '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

const nodeTable = /<section class="nodes"[\s\S]*?<\/section>/
const alert = /<section class="alert"[\s\S]*?<\/section>/
const banner = /<header[\s\S]*?<\/header>/

describe('a node that sequences while Baton has no record', () => {
  const { head: _, lease: __, ...rest } = happy.view
  const view: View = rest
  const snapshot: Snapshot = { ...happy, view, decision: decide(view), history: [], blocks: [] }

  test('it is not called fenced: it sequences outside, in a plain colour', () => {
    const row = gatherNodes(snapshot).find(({ name }) => name === 'seq-a')
    expect(row).toMatchObject({ role: 'outside', sequencing: true })
    expect(row && standingOf(row)).toEqual({ words: 'sequencing outside', tone: 'plain' })
    const text = textOf(snapshot, nodeTable)
    expect(text).toContain('seq-a use1-az1 sequencing outside yes')
    expect(text).not.toMatch(/fenced|refused/)
  })

  test('with a head, a node that sequences without the term is fenced', () => {
    const observed = { ...happy.view.observed, 'seq-b': happy.view.observed['seq-a'] ?? never() }
    const fenced = decide({ ...happy.view, observed })
    expect(fenced.verdicts.find(({ node }) => node === 'seq-b')?.role).toBe('fenced')
  })
})

describe('missed slots', () => {
  const BLOCK = happy.view.policy.blockTimeMs
  /** Blocks newest first, of which some slots are missing. */
  const chain = fc
    .array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 60 })
    .map((steps) => steps.map((_, i) => steps.slice(0, i + 1).reduce((sum, each) => sum + each, 0)))

  test('property: in every window, slots = blocks + missed slots', () => {
    fc.assert(
      fc.property(
        chain,
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 1, max: BLOCK - 1 }),
        (slots, cut, phase) => {
          const newest = slots.at(-1) ?? 0
          const at = (slot: number) => NOW - (newest - slot) * BLOCK
          const blocks = slots.toReversed().map((slot, i): ListedBlock => {
            return { ...(happy.blocks[0] ?? never()), number: BigInt(slots.length - i), committedAt: at(slot) }
          })
          const first = slots[0] ?? 0
          // A window that begins between two slots, somewhere in what is known.
          const before = first + Math.floor(((newest - first) * cut) / 101)
          const from = at(before) + phase
          const gaps = clipGaps(findGaps({ ...happy, blocks }), from, BLOCK)
          const missed = gaps.reduce((sum, gap) => sum + gap.missed, 0)
          const inside = blocks.filter(({ committedAt }) => committedAt > from).length
          expect(missed + inside).toBe(newest - before)
        },
      ),
    )
  })

  test('one is a slot, more are slots', () => {
    const lanes = /<section class="lanes"[\s\S]*?<\/section>/
    const unlisted = happy.blocks.filter((_, i) => i !== 5)
    const missed = unlisted.map((block, i) => (i < 5 ? block : { ...block, number: block.number + 1n }))
    expect(textOf({ ...happy, blocks: missed }, lanes)).toContain('1 slot missed')
    // A block that another process committed fills its slot, though it is not listed here.
    expect(textOf({ ...happy, blocks: unlisted }, lanes)).toContain('0 slots missed')
  })
})

describe('a pause', () => {
  test.each([
    ['paused', 'PAUSED'],
    ['hold', 'HELD'],
  ] as const)('%s is no green, and in the first word', (mode, word) => {
    const lease = happy.view.lease && { ...happy.view.lease, mode }
    const snapshot = { ...happy, view: { ...happy.view, ...(lease && { lease }) } }
    expect(textOf(snapshot, banner)).toContain(`${word} seq-a sequences`)
    expect(renderState(snapshot)).toContain(`class="banner is-${stateOf(snapshot)}"`)
    expect(renderState(snapshot)).not.toContain('class="banner is-ok"')
  })

  test('an outage stays visible through it', () => {
    expect(stateOf({ ...paused, decision: { ...paused.decision, condition: 'halted' } })).toBe('halted')
  })
})

describe('an outage', () => {
  test('it says what to do, with the command, the button and the section of the runbooks', () => {
    const page = [reason('paused', { by: 'grace' })]
    const snapshot: Snapshot = { ...paused, decision: { ...paused.decision, condition: 'halted', page } }
    expect(textOf(snapshot, alert)).toBe(
      'Needs a person Baton can do nothing on its own paused by grace Do this Ask grace whether the work is done, then resume Baton. baton resume Resume Baton Runbook: no-new-block',
    )
    const markup = renderState(snapshot)
    expect(markup).toMatch(/<a href="https:[^"]*runbooks.md#no-new-block" target="_blank" rel="noreferrer">/)
    expect(renderState(snapshot, { runbook: 'https://wiki.example/baton' })).toContain(
      'href="https://wiki.example/baton#no-new-block"',
    )
  })

  test('it is not called nothing to do', () => {
    expect(explain(sharedCause).idle).toBe('Baton can do nothing on its own')
    expect(textOf(sharedCause, /<section class="decision"[\s\S]*?<\/section>/)).toContain(
      'Baton can do nothing on its own.',
    )
    expect(explain(happy).idle).toBe('nothing to do')
  })
})

test('a leader whose clients do not answer is not shown as a good one', () => {
  const observed = { ...happy.view.observed, 'seq-a': failover.view.observed['seq-a'] ?? never() }
  const snapshot = { ...happy, view: { ...happy.view, observed } }
  expect(textOf(snapshot, nodeTable)).toContain('★ leading, does not answer')
  expect(renderState(snapshot)).toContain('class="role-leading tone-warn"')
})

function never(): never {
  throw new Error('not in the snapshot')
}
