import type { HistoryRecord } from '../protocol/records.ts'
import type { Memory } from './memory.ts'
import type { ChainPorts } from './ports.ts'
import { append, type Event, newRecord } from './record.ts'

/** Equal acts further apart than this (ms) are two stories. */
const SERIES_MS = 3_600_000
/** So many of the newest records are searched for the series that an earlier monitor began. */
const RECORDS = 100
/** Outcomes that are the same story in whichever term they come. */
const FAILED = new Set(['start-failed', 'stop-failed', 'reset-failed', 'top-up-failed'])
const TERMLESS = new Set(['page', 'page-over', 'cool-down', 'refuse-switchover'])

/**
 * Writes what Baton did by itself into the history. The same again within the hour is the same record, with a count
 * and the time of the last: repetition never pushes out the record a person looks for.
 */
export async function recordSeries(ports: ChainPorts, memory: Memory, event: Event): Promise<void> {
  const told = await toldSoFar(ports, memory)
  const fresh = newRecord(ports, event)
  const key = keyOf(fresh)
  const past = told.get(key)
  // Each start that took is a story of its own: it tells what the node was given first.
  const took = fresh.reasons.some(({ code }) => code === 'started')
  const goesOn = past && !took && fresh.at - lastOf(past) < SERIES_MS
  const entry = goesOn ? { ...fresh, id: past.id, at: past.at, count: (past.count ?? 1) + 1, lastAt: fresh.at } : fresh
  told.set(key, entry)
  await append(ports, entry)
}

/** When a record was last added to (Unix ms). */
export const lastOf = ({ at, lastAt = at }: HistoryRecord): number => lastAt

/** What makes two records tell the same: the act, the node, the codes, and the term unless it is the same in each. */
function keyOf({ what, node = '', term, reasons }: HistoryRecord): string {
  const codes = reasons.map(({ code, node: of = '' }) => `${code} ${of}`)
  const everyTerm = TERMLESS.has(what) || reasons.some(({ code }) => FAILED.has(code))
  return [what, node, everyTerm ? '' : term, ...codes].join('|')
}

/** The newest records by what they tell. Those of the monitor before count: on AWS one lives for two minutes. */
async function toldSoFar({ chain, history, log }: ChainPorts, memory: Memory): Promise<Map<string, HistoryRecord>> {
  if (memory.told) return memory.told
  const told = new Map<string, HistoryRecord>()
  // Asked once: a history that is silent must not make each step of a failover wait.
  memory.told = told
  try {
    const newest = await history.list(chain.id, { limit: RECORDS })
    for (const each of newest.toReversed()) if (each.actor.kind === 'baton') told.set(keyOf(each), each)
  } catch (error) {
    log.error('history not read', { chain: chain.id, error })
  }
  return told
}
