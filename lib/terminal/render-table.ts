import Table from 'cli-table3'
import { printable } from '../protocol/printable.ts'
import type { HistoryRecord } from '../protocol/records.ts'
import { formatReasons, formatRepeats, formatUtc } from '../text/format.ts'

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

const columns = ['When (UTC)', 'Who', 'What', 'Node', 'Term#', 'Head#', 'Why']

/** The history as a table, in the order given. */
export function renderHistory(records: readonly HistoryRecord[]): string {
  if (records.length === 0) return 'Nothing was done yet.'
  return renderTable(
    columns,
    records.map(({ at, actor, what, node = '', term, head, reasons, count, lastAt }) => [
      formatUtc(at).replace(' UTC', ''),
      printable(actor.kind === 'operator' ? `${actor.name} (operator)` : actor.name),
      `${what}${formatRepeats({ count, lastAt })}`,
      printable(node),
      String(term),
      String(head),
      formatReasons(reasons, node),
    ]),
  )
}
