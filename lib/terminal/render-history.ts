import { printable } from '../protocol/printable.ts'
import type { HistoryRecord } from '../protocol/records.ts'
import { tellReasons } from '../text/tell-reason.ts'
import { tellRepeats, tellUtc } from '../text/time.ts'
import { renderTable } from './render-table.ts'

const columns = ['When (UTC)', 'Who', 'What', 'Node', 'Term#', 'Head#', 'Why']

/** The history as a table, in the order given. */
export function renderHistory(records: readonly HistoryRecord[]): string {
  if (records.length === 0) return 'Nothing was done yet.'
  return renderTable(
    columns,
    records.map(({ at, actor, what, node = '', term, head, reasons, count, lastAt }) => [
      tellUtc(at).replace(' UTC', ''),
      printable(actor.kind === 'operator' ? `${actor.name} (operator)` : actor.name),
      `${what}${tellRepeats({ count, lastAt })}`,
      printable(node),
      String(term),
      String(head),
      tellReasons(reasons, node),
    ]),
  )
}
