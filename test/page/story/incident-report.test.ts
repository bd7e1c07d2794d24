import { expect, test } from 'vitest'
import { incidentReport } from '../../../lib/page/story/incident-report.ts'
import { nightHistory, nightStory } from './night.ts'

const story = nightStory()
const move = story.moves.at(-1)
if (!move) throw new Error('there was a failover')
const report = incidentReport(move, story, nightHistory)
const lines = report.split('\n')

test('what happened, when, what it cost and why', () => {
  expect(lines[0]).toBe('# seq-b took over from seq-a: Devnet 901')
  expect(report).toContain('| When | 2026-11-21 03:11:39.350 UTC to 2026-11-21 03:11:46.350 UTC |')
  expect(report).toContain('| Cost | 3 slots missed, 7.00 s between the blocks |')
  expect(report).toContain('| Cause | seq-a: the consensus client has not answered for 1.9 s')
})

test('each step with its milliseconds since the one before and since the first', () => {
  expect(report).toContain(
    '| 2026-11-21 03:11:45.150 UTC | +2 900 ms | +5 800 ms | Decision | decided to move to seq-b |',
  )
  expect(report).toContain('| 2026-11-21 03:11:46.350 UTC | +110 ms | +7 000 ms | First block |')
})

test('the history around it, oldest first; not that of another hour', () => {
  const records = lines.slice(lines.indexOf('## History')).filter((line) => line.includes('monitor-1'))
  expect(records.map((line) => line.split(' | ')[2])).toEqual(['grant', 'fence', 'start'])
})

test('every row has the cells of its head, whatever a name contains', () => {
  const evil = 'a|b\n# c <img src=x> [d](e) `f`'
  const reported = incidentReport({ ...move, from: evil, why: evil }, { ...story, chain: { id: evil, name: evil } }, [
    {
      ...(nightHistory[0] ?? never()),
      node: evil,
      actor: { kind: 'operator', name: evil },
      at: move.steps[0]?.at ?? 0,
    },
  ])
  expect(reported).not.toMatch(/[^\\]<img|[^\\]\[d|^# c|[^\\]`f/m)
  for (const table of reported
    .trimEnd()
    .split('\n\n')
    .filter((part) => part.startsWith('|'))) {
    const cells = table.split('\n').map((row) => row.replaceAll('\\|', '').split('|').length)
    expect(new Set(cells).size).toBe(1)
  }
})

function never(): never {
  throw new Error('a record')
}
