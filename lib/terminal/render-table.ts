import Table from 'cli-table3'

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
 * Lays out a table in plain characters. A column named with a trailing `#` is set flush right.
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
