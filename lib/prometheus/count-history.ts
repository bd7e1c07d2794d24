import type { HistoryRecord } from '../protocol/records.ts'
import type { HistoryStore } from '../store/stores.ts'
import { withTimeout } from '../with-timeout.ts'
import type { Metrics } from './registry.ts'

/** Newest records read at a scrape; more than this between two scrapes are not counted. */
const RECORDS = 200
/** The history of one chain is read at most this often (ms), however often it is scraped. */
const EVERY_MS = 10_000
/** The pause between the reads of two chains (ms), where a process watches many. */
const APART_MS = 100
/** A scrape does not wait longer than this for the history (ms). */
const TIMEOUT_MS = 2_000

/** Known from the start, so that the first one already is an increase. */
const ACTS = ['grant', 'fence', 'start', 'stop', 'page', 'page-over', 'switchover', 'pause', 'resume']

/** When the history of a chain is read: first after so many ms, then at most this often. A scrape does not wait for it. */
export type HistoryPace = { readonly firstAfterMs: number; readonly everyMs: number }

/** Spreads the reads of so many chains: one scrape asks for all of them, and must not read all at once. */
export function historyPaceOf(chains: number): (index: number) => HistoryPace {
  const everyMs = Math.max(EVERY_MS, chains * APART_MS)
  return (index) => ({ firstAfterMs: Math.floor((index * everyMs) / chains), everyMs })
}

/**
 * Counts the records of every process in the chain's history from now on: moves, pages, operations, orders. Read at a
 * scrape, because other processes and people write there, too. A record that grows is counted by its growth.
 */
export function countHistory(
  metrics: Metrics,
  chain: string,
  history: Pick<HistoryStore, 'list'>,
  monotonic: () => number,
  pace?: HistoryPace,
): void {
  const { everyMs = EVERY_MS, firstAfterMs = 0 } = pace ?? {}
  let counted: ReadonlyMap<string, number> | undefined
  let readAt = monotonic() - everyMs + firstAfterMs
  for (const what of ACTS) {
    for (const by of ['baton', 'operator']) metrics.add('baton_history_records_total', { what, by }, 0)
  }

  const read = async () => {
    if (monotonic() - readAt < everyMs) return
    readAt = monotonic()
    const records = await withTimeout(TIMEOUT_MS, () => history.list(chain, { limit: RECORDS }))
    const past = counted
    // Records older than the oldest read before were there before.
    const oldest = [...(past?.keys() ?? [])].reduce((least, id) => (id < least ? id : least), '~')
    if (past) {
      for (const record of records) {
        const before = past.get(record.id) ?? (past.size > 0 && record.id < oldest ? timesOf(record) : 0)
        count(metrics, record, timesOf(record) - before)
      }
    }
    counted = new Map(records.map((record) => [record.id, timesOf(record)]))
  }
  const readLater = () => void read().catch(() => {})
  readLater()
  metrics.beforeScrape(pace === undefined ? read : readLater)
}

const timesOf = ({ count = 1 }: HistoryRecord): number => count

function count(metrics: Metrics, { what, actor, reasons }: HistoryRecord, times: number): void {
  if (times <= 0) return
  metrics.add('baton_history_records_total', { what, by: actor.kind }, times)
  const code = reasons[0]?.code ?? 'operator'
  if (what === 'grant') metrics.add('baton_moves_total', { cause: code }, times)
  if (what === 'page') metrics.add('baton_pages_total', { code }, times)
}
