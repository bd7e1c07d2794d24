import { describe, expect, test } from 'vitest'
import type { Snapshot } from '../../lib/context/inspect.ts'
import { html } from '../../lib/page/html.ts'
import { renderState } from '../../lib/page/render-state.ts'
import { reason } from '../../lib/protocol/reason.ts'
import { DEFAULT_RUNBOOK } from '../../lib/runbook.ts'
import {
  blocksAt,
  failover,
  forked,
  happy,
  longHistory,
  NOW,
  paused,
  recovered,
  sharedCause,
  snapshots,
  unknown,
} from './snapshots.ts'

/** What a reader sees: the text without markup, one space between pieces. */
function seen(snapshot: Snapshot, selector?: RegExp): string {
  const markup = renderState(snapshot).replace(/<style>[\s\S]*?<\/style>/, '')
  const part = selector ? (markup.match(selector)?.[0] ?? '') : markup
  return part
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

const banner = /<header[\s\S]*?<\/header>/
const alert = /<section class="alert"[\s\S]*?<\/section>/
const nodeTable = /<section class="nodes"[\s\S]*?<\/section>/
const lanes = /<section class="lanes"[\s\S]*?<\/section>/
const decision = /<section class="decision"[\s\S]*?<\/section>/

describe('banner', () => {
  test('happy: who, since when, term, why', () => {
    expect(seen(happy, banner)).toMatchInlineSnapshot(
      `"Devnet 901 chain op-901 OK seq-a sequences took over from seq-c 47 min ago · term 7 · switchover requested by ada Head 41234567 0x7777…2d02 Committed 1.1 s ago Mode auto (ada, 1 d 2 h ago) Baton armed 9 d ago Gate answers Monitor monitor-1, took over 3 h ago Moves in the last hour 1 of 12"`,
    )
  })

  test('failover in progress: from, to, why', () => {
    expect(seen(failover, banner)).toContain(
      'MOVING Sequencing is moving from seq-a to seq-b for 0.3 s · term 8 · seq-a: the consensus client refuses connections',
    )
  })

  test('a clock that is certainly off is reported, with whose it is', () => {
    const offset = { low: 2_300, high: 3_400 }
    const gate = { since: NOW, samples: 9, offset, past: [offset, offset] }
    const skewed = { ...happy, view: { ...happy.view, clocks: { gate } } }
    expect(seen(skewed, banner)).toContain(
      'Clock: seq-a: the clock of the gate it commits through is at least 2.3 s ahead of that of this monitor.',
    )
    expect(seen(happy, banner)).not.toContain('Clock')
  })

  test('after a failover: from whom, when, at what cost, and why', () => {
    expect(seen(recovered, banner)).toContain(
      'DEGRADED seq-b sequences took over from seq-a 22 s ago, 3 slots missed · term 8 · seq-a: the consensus',
    )
  })

  test('shared cause: halted, and said once that nothing is moved because of it', () => {
    expect(seen(sharedCause, banner)).toContain('HALTED No blocks for 31 s')
    const text = seen(sharedCause, alert)
    expect(text).toContain(
      'Needs a person Baton can do nothing on its own the L1 head of every node is 184 s old: another sequencer would stall, too',
    )
    expect(text).toContain('A shared cause: Baton moves nothing because of it.')
    expect(seen(sharedCause, banner)).not.toContain('Shared cause')
  })

  test('paused: who and when, and the scheduled switchover', () => {
    const text = seen(paused, banner)
    expect(text).toContain('Paused by grace, 12 min ago: Baton observes and moves nothing.')
    expect(text).toContain('Switchover requested by grace: to seq-b, in 48 min .')
  })

  test('nothing known yet', () => {
    expect(seen(unknown, banner)).toContain('OBSERVING No node sequences through Baton no record yet')
  })

  test('args: at. An old look is called old', () => {
    expect(renderState(happy, { at: NOW + 60_000 })).toContain(
      'This page is stale: the nodes were last observed 1 min ago.',
    )
    expect(renderState(happy, { at: NOW + 1_000 })).not.toContain('is stale')
  })

  test('behavior: a commit newer than the look is the head already', () => {
    const next = { ...blocksAt([-700], () => ['seq-a', 7])[0], number: 41_234_568n }
    const markup = renderState({ ...happy, blocks: [next, ...happy.blocks] as typeof happy.blocks }, { at: NOW + 900 })
    expect(markup).toContain('<dt>Head</dt><dd><b>41234568</b>')
    expect(markup).toContain('>0.2 s ago</time>')
    expect(markup.match(/<section class="blocks"[\s\S]*?<\/section>/)?.[0]).not.toContain('>in ')
  })
})

describe('nodes', () => {
  test('behavior: a row shows place, lag and verdict', () => {
    expect(seen(happy, nodeTable)).toContain(
      'seq-c use1-az4 standby no 41234566 0x7777…b0ed 41234566 0x7777…b0ed 1 41234506 41234165 7.3 s −3 2 80 yes : lag 1, priority 80',
    )
  })

  test('behavior: failed clients show how they fail', () => {
    expect(seen(failover, nodeTable)).toMatch(/seq-a use1-az1 down – refused timeout/)
  })

  test('behavior: another hash at the height of the head is marked', () => {
    expect(seen(forked, nodeTable)).toMatch(/seq-c use1-az4 fenced yes, fenced ⚠ 41234567 0x7777…1a05/)
    expect(seen(happy, nodeTable)).not.toContain('⚠')
  })

  test('behavior: a branch below the newest block is found through the committed blocks', () => {
    const { 'seq-c': known } = forked.view.observed
    if (!known?.observation.execution.ok) throw new Error('seq-c answers in this snapshot')
    const execution = {
      ok: true,
      value: {
        ...known.observation.execution.value,
        at: { number: happy.blocks[5]?.number ?? 0n, hash: `0x${'ee'.repeat(32)}` },
      },
    } as const
    const consensus = happy.view.observed['seq-c']?.observation.consensus ?? known.observation.consensus
    const latest = happy.view.observed['seq-c']?.observation.execution
    const value = latest?.ok ? { ...execution.value, latest: latest.value.latest } : execution.value
    const observation = { ...known.observation, consensus, execution: { ok: true, value } } as const
    const snapshot = {
      ...happy,
      view: { ...happy.view, observed: { ...happy.view.observed, 'seq-c': { ...known, observation } } },
    }
    expect(seen(snapshot, nodeTable)).toContain(`forked at ${happy.blocks[5]?.number}`)
  })
})

describe('lanes', () => {
  test('behavior: nothing missed', () => {
    expect(seen(happy, lanes)).toContain('last 2 min: 60 blocks, 0 slots missed')
    expect(seen({ ...happy, blocks: [] }, lanes)).toContain('last 2 min: none known')
  })

  test('behavior: an ended gap, and the term that ended it', () => {
    const text = seen(recovered, lanes)
    expect(text).toContain('3 slots missed')
    expect(text).toContain('no commit for 7.0 s')
    expect(text).toContain('term 8')
  })

  test('behavior: an open gap grows until now', () => {
    expect(seen(sharedCause, lanes)).toContain('14 slots missed so far')
  })
})

describe('decision', () => {
  test('behavior: what is done, and why nothing else', () => {
    expect(seen(failover, decision)).toMatchInlineSnapshot(
      `"Decision What Baton does now start seq-b under term 8 : seq-b: granted 300 ms ago; waiting for its first commit Because seq-b: granted 300 ms ago; waiting for its first commit Why not something else seq-c would be next. not seq-a: the consensus client refuses connections (connect ECONNREFUSED 10.0.1.7:9545); the execution client has not answered for 900 ms Next look in 0.1 s."`,
    )
  })
})

describe('history', () => {
  test('behavior: every one of 200 lines is there', () => {
    expect(renderState(longHistory).match(/data-key="r\d+"/g)).toHaveLength(200)
  })
})

describe('safety', () => {
  test('behavior: nothing from outside becomes markup', () => {
    const evil = `"><img src=x onerror=alert(1)>'&<script>`
    const snapshot: Snapshot = {
      ...failover,
      chain: { id: evil, name: evil },
      view: {
        ...failover.view,
        nodes: happy.view.nodes.map((node) => ({ ...node, name: `${node.name}${evil}`, zone: evil })),
        gate: { ok: false, message: evil },
        ...(failover.view.lease && { lease: { ...failover.view.lease, mode: 'hold', modeBy: evil } }),
      },
      monitor: { owner: evil, since: NOW, until: NOW + 1 },
      decision: {
        ...failover.decision,
        page: [reason('operator', { message: evil })],
        reasons: [reason('start-failed', { message: evil }, evil)],
      },
      history: failover.history.map((record) => ({
        ...record,
        what: evil,
        node: evil,
        actor: { kind: 'operator', name: evil },
      })),
      blocks: failover.blocks.map((block) => ({ ...block, leader: evil })),
    }
    const markup = renderState(snapshot)
    expect(markup).not.toContain('<img')
    expect(markup).not.toContain('<script')
    expect(markup).not.toContain(evil)
    expect(markup).toContain('&quot;&gt;&lt;img src=x onerror=alert(1)&gt;&#39;&amp;&lt;script&gt;')
  })

  test.each(Object.entries(snapshots))(
    'behavior: %s holds no script, no handler and nothing from elsewhere',
    (_, snapshot) => {
      // A link loads nothing: the runbook is the one place outside.
      const markup = renderState(snapshot).replaceAll(`href="${DEFAULT_RUNBOOK}#`, 'href="#')
      expect(markup).not.toMatch(/<script|<iframe|<link|<img|javascript:|\son\w+=|@import|https?:\/\//i)
      expect(markup).not.toMatch(/undefined|NaN|\[object/)
    },
  )

  test('behavior: a template escapes what is put into it', () => {
    expect(html`<p title="${'"'}">${['<', html`<b>${'&'}</b>`, undefined, false]}</p>`.text).toBe(
      '<p title="&quot;">&lt;<b>&amp;</b></p>',
    )
  })
})
