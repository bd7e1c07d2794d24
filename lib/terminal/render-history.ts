import { printable } from '../protocol/printable.ts'
import type { HistoryRecord } from '../protocol/records.ts'
import { formatReasons } from '../text/reason.ts'
import { formatRepeats, formatUtc } from '../text/time.ts'
import { renderTable } from './render-table.ts'

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
