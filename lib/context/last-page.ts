import type { HistoryRecord } from '../protocol/records.ts'
import { lastOf } from './record-series.ts'

/** What the monitor paged for last, or the end of it; a page about one node is a recovery's. Newest first or not. */
export function lastPage(records: readonly HistoryRecord[]): HistoryRecord | undefined {
  return records
    .filter(({ what, node }) => (what === 'page' || what === 'page-over') && node === undefined)
    .toSorted((a, b) => lastOf(b) - lastOf(a))[0]
}
