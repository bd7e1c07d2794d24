import { describe, expect, test } from 'vitest'
import { renderHistory as renderPageHistory } from '../../lib/page/render-state.ts'
import { jsonLog, textLog } from '../../lib/terminal/log.ts'
import { plain } from '../../lib/terminal/paint.ts'
import { renderExplanation } from '../../lib/terminal/render-explanation.ts'
import { renderStatus } from '../../lib/terminal/render-status.ts'
import { renderHistory } from '../../lib/terminal/render-table.ts'
import { failover, forked, happy, paused, sharedCause, snapshots, unknown } from '../page/snapshots.ts'

describe('status', () => {
  test('default', () => {
    expect(renderStatus(happy, plain)).toMatchInlineSnapshot(`
      "Devnet 901 (chain op-901) OK
      seq-a sequences (for 47 min, term 7): switchover requested by ada.
      +-------+----------+-----------+------------+------+----------+-------------+-----------+-----+----------+-----------+--------+-------+------+--------+
      | Node  | Zone     | Role      | Sequencing | Term |   Unsafe | Hash        | Execution | Lag |     Safe | Finalized | L1 age | Peers | Prio | Fit    |
      +-------+----------+-----------+------------+------+----------+-------------+-----------+-----+----------+-----------+--------+-------+------+--------+
      | seq-a | use1-az1 | * leading | yes        |    7 | 41234567 | 0x7777…2d02 |  41234567 |   0 | 41234506 |  41234165 |  7.3 s |     2 |  100 | leader |
      | seq-b | use1-az2 | standby   | no         |      | 41234567 | 0x7777…2d02 |  41234567 |   0 | 41234506 |  41234165 |  7.3 s |     2 |   90 | yes    |
      | seq-c | use1-az4 | standby   | no         |      | 41234566 | 0x7777…b0ed |  41234566 |   1 | 41234506 |  41234165 |  7.3 s |     2 |   80 | yes    |
      +-------+----------+-----------+------------+------+----------+-------------+-----------+-----+----------+-----------+--------+-------+------+--------+
      Mode:     auto (ada, 1 d 2 h ago)
      Baton:    armed 9 d ago
      Head:     41234567 0x77777777777777777777777777777777777777777184dc4bfd0e112b87d02d02, 1.1 s ago
      Term:     7, lease ends in 5.0 s
      Monitor:  monitor-1, took over 3 h ago
      Decision: nothing to do: seq-a: commits arrive on time (block 41234567)
      Last act: start seq-a by monitor-1, 47 min ago"
    `)
  })

  test('behavior: a failover in progress', () => {
    expect(renderStatus(failover, plain)).toMatchInlineSnapshot(`
      "Devnet 901 (chain op-901) MOVING
      Sequencing is moving from seq-a to seq-b (for 0.3 s, term 8): seq-a: the consensus client refuses connections (connect ECONNREFUSED 10.0.1.7:9545); seq-a: block 41234568 is 4.0 s late.
      +-------+----------+----------+------------+------+----------+-------------+-----------+-----+----------+-----------+--------+-------+------+--------+
      | Node  | Zone     | Role     | Sequencing | Term |   Unsafe | Hash        | Execution | Lag |     Safe | Finalized | L1 age | Peers | Prio | Fit    |
      +-------+----------+----------+------------+------+----------+-------------+-----------+-----+----------+-----------+--------+-------+------+--------+
      | seq-a | use1-az1 | down     |            |      |  refused |             |   timeout |     |          |           |        |       |  100 | no     |
      | seq-b | use1-az2 | starting | no         |    8 | 41234567 | 0x7777…2d02 |  41234567 |   0 | 41234506 |  41234165 |  7.3 s |     2 |   90 | leader |
      | seq-c | use1-az4 | standby  | no         |      | 41234566 | 0x7777…b0ed |  41234566 |   1 | 41234506 |  41234165 |  7.3 s |     2 |   80 | yes    |
      +-------+----------+----------+------------+------+----------+-------------+-----------+-----+----------+-----------+--------+-------+------+--------+
      Mode:     auto (ada, 1 d 2 h ago)
      Baton:    armed 9 d ago
      Head:     41234567 0x77777777777777777777777777777777777777777184dc4bfd0e112b87d02d02, 6.4 s ago
      Term:     8, lease ends in 5.0 s
      Monitor:  monitor-1, took over 3 h ago
      Decision: start seq-b under term 8: seq-b: granted 300 ms ago; waiting for its first commit
      Last act: fence seq-b by monitor-1, 0.3 s ago
      seq-a:    the consensus client refuses connections (connect ECONNREFUSED 10.0.1.7:9545); the execution client has not answered for 900 ms"
    `)
  })

  test('behavior: fork, pause, shared cause and an empty chain are reported', () => {
    expect(renderStatus(forked, plain)).toMatch(/fenced .* 0x7777…1a05 ⚠/)
    expect(renderStatus(paused, plain)).toMatch(/Mode: +paused by grace, 12 min ago/)
    expect(renderStatus(paused, plain)).toMatch(/Switchover: +to seq-b at 2026-11-21 04:00:07.250 UTC \(in 48 min\)/)
    expect(renderStatus(sharedCause, plain)).toMatch(/Shared cause: the L1 head of every node is 184 s old/)
    expect(renderStatus(unknown, plain)).toContain('No node sequences through Baton: no record yet')
  })

  test('args: width. A narrow terminal goes without some columns', () => {
    const [, , rule = '', header = ''] = renderStatus(happy, plain, 90).split('\n')
    expect(rule.length).toBeLessThanOrEqual(90)
    expect(header).toMatch(/Node .* Role .* Unsafe .* Hash .* Lag .* Fit/)
    expect(header).not.toContain('Finalized')
  })

  test.each(Object.entries(snapshots))('behavior: %s leaves no holes', (_, snapshot) => {
    expect(renderStatus(snapshot, plain)).not.toMatch(/undefined|NaN|\[object|\{\w+\}/)
  })
})

describe('explain', () => {
  test('default', () => {
    expect(renderExplanation(failover, plain)).toMatchInlineSnapshot(`
      "Sequencing is moving from seq-a to seq-b (for 0.3 s, term 8): seq-a: the consensus client refuses connections (connect ECONNREFUSED 10.0.1.7:9545); seq-a: block 41234568 is 4.0 s late.

      What Baton would do now
        - start seq-b under term 8: seq-b: granted 300 ms ago; waiting for its first commit

      Because
        - seq-b: granted 300 ms ago; waiting for its first commit

      Nodes
        - seq-a: down, could not take over: the consensus client refuses connections (connect ECONNREFUSED 10.0.1.7:9545); the execution client has not answered for 900 ms
        - seq-b: starting, holds the term: granted 300 ms ago; waiting for its first commit
        - seq-c: standby, could take over: lag 1, priority 80

      Why not something else
        - seq-c would be next
        - not seq-a: the consensus client refuses connections (connect ECONNREFUSED 10.0.1.7:9545); the execution client has not answered for 900 ms"
    `)
  })
})

describe('history', () => {
  test('default: as a table, in the order given', () => {
    expect(renderHistory(failover.history.slice(0, 3).toReversed())).toMatchInlineSnapshot(`
      "+-------------------------+-----------+-------+-------+------+----------+---------------------------------------------------------------------------------------------------------------------------+
      | When (UTC)              | Who       | What  | Node  | Term |     Head | Why                                                                                                                       |
      +-------------------------+-----------+-------+-------+------+----------+---------------------------------------------------------------------------------------------------------------------------+
      | 2026-11-21 02:25:13.250 | monitor-1 | start | seq-a |    7 | 41233160 | sequencer started at the head                                                                                             |
      | 2026-11-21 03:12:06.900 | monitor-1 | grant | seq-b |    8 | 41234567 | seq-a: the consensus client refuses connections (connect ECONNREFUSED 10.0.1.7:9545); seq-a: block 41234568 is 4.0 s late |
      | 2026-11-21 03:12:06.930 | monitor-1 | fence | seq-b |    8 | 41234567 | term 8 is granted but the head is fenced at 7                                                                             |
      +-------------------------+-----------+-------+-------+------+----------+---------------------------------------------------------------------------------------------------------------------------+"
    `)
  })

  test('behavior: nothing yet', () => {
    expect(renderHistory([])).toBe('Nothing has been done yet.')
  })

  test('behavior: what was done again and again is one line that says how often, and when last', () => {
    const [record] = failover.history
    if (!record) throw new Error('the snapshot has no history')
    const repeated = { ...record, count: 7, lastAt: Date.UTC(2026, 10, 21, 12, 0, 5) }
    expect(renderHistory([repeated])).toContain(`${record.what} ×7, last 12:00:05`)
    expect(renderPageHistory({ ...failover, history: [repeated] }).text).toContain('×7, last 12:00:05')
  })
})

describe('log', () => {
  test('behavior: words for people, objects for programs', () => {
    const lines: string[] = []
    const facts = {
      term: 8,
      node: 'seq-b',
      head: 41n,
      error: new Error('no route'),
      why: ['too late', `block 0x${'11'.repeat(32)}`],
    }
    // The id of a record is for programs.
    textLog((line) => lines.push(line), plain).warn('grant', { record: '2026-11-30T12:00:00.000Z#0001', ...facts })
    jsonLog((line) => lines.push(line)).error('grant', facts)
    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\d warn {2}grant term=8 node=seq-b head=41 error="no route" why="too late; block 0x1111…1111"\n$/,
    )
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({
      level: 'error',
      message: 'grant',
      head: '41',
      error: 'no route',
    })
  })
})

test('a node that was started does not read as one whose sequencer is stopped', () => {
  const [like] = happy.history
  if (!like) throw new Error('one record')
  const reasons = [
    { code: 'started' as const, node: 'seq-a', evidence: { ms: 37, posted: 0 } },
    { code: 'not-sequencing' as const, node: 'seq-a', evidence: {} },
  ]
  const shown = renderHistory([{ ...like, what: 'start', node: 'seq-a', reasons }])
  expect(shown).toContain('started in 37 ms, 0 payloads posted first (before: reachable, but its sequencer is stopped)')
})
