import Table from 'cli-table3'
import { printable } from '../protocol/printable.ts'
import type { HistoryRecord } from '../protocol/records.ts'
import { formatReasons, formatRepeats, formatUtc } from '../text/format.ts'
import { widthOf, wrap } from './wrap.ts'

const rule = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' }
const chars = {
  ...rule,
  top: '-',
  'top-mid': '+',
  'top-left': '+',
  'top-right': '+',
  bottom: '-',
  'bottom-mid': '+',
  'bottom-left': '+',
  'bottom-right': '+',
  left: '|',
  right: '|',
  middle: '|',
}

/** Columns whose name ends with this mark are numbers. */
const NUMBER = '#'

/**
 * Lays out a table in plain characters. A column named with a trailing `#` is right-aligned.
 *
 * @example
 * renderTable(['Node', 'Lag#'], [['seq-a', '0']])
 */
export function renderTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    chars,
    head: columns.map((column) => column.replace(/#$/, '')),
    colAligns: columns.map((column) => (column.endsWith(NUMBER) ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  })
  for (const row of rows) table.push([...row])
  const [top = '', head = '', ...body] = table.toString().split('\n')
  return [top, head, top, ...body].join('\n')
}

/**
 * A table whose last column takes what the others leave of `width`, broken into lines. A last column narrower than
 * `least` would not be read: then its text stands below each row instead.
 */
export function renderWrapped(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
  least = 24,
): string {
  const widths = columns.map((column, i) =>
    Math.max(column.replace(/#$/, '').length, ...rows.map((row) => widest(row[i] ?? ''))),
  )
  const others = widths.slice(0, -1).reduce((sum, each) => sum + each + 3, 0)
  const room = width - others - 4
  if ((widths.at(-1) ?? 0) <= room) return renderTable(columns, rows)
  if (room >= least) return renderTable(columns, rows.map(fitLast((text) => wrap(text, room))))
  return rows
    .flatMap((row) => [
      wrap(row.slice(0, -1).filter(Boolean).join('  '), width, '  '),
      wrap(`  ${row.at(-1)}`, width, '  '),
    ])
    .join('\n')
}

const widest = (cell: string) => Math.max(...cell.split('\n').map(widthOf))
const fitLast = (cut: (text: string) => string) => (row: readonly string[]) => [
  ...row.slice(0, -1),
  cut(row.at(-1) ?? ''),
]

const columns = ['When (UTC)', 'Who', 'What', 'Node', 'Term#', 'Head#', 'Why']

/** Columns of the history that a narrow terminal does without. */
const wide = new Set([1, 4, 5])

/** The history as a table, in the order given, at most `width` characters wide. */
export function renderHistory(records: readonly HistoryRecord[], width = Number.POSITIVE_INFINITY): string {
  if (records.length === 0) return 'Nothing has been done yet.'
  const narrow = width < 120
  const cut = <T>(row: readonly T[]) => (narrow ? row.filter((_, i) => !wide.has(i)) : row)
  return renderWrapped(
    cut(columns),
    records
      .map(({ at, actor, what, node = '', term, head, reasons, count, lastAt }) => [
        formatUtc(at).replace(' UTC', ''),
        printable(actor.kind === 'operator' ? `${actor.name} (operator)` : actor.name),
        `${what}${formatRepeats({ count, lastAt })}`,
        printable(node),
        String(term),
        String(head),
        formatReasons(reasons, node),
      ])
      .map((row) => cut(narrow ? [row[0]?.replace(/\.\d+$/, '') ?? '', ...row.slice(1)] : row)),
    width,
  )
}
