import { type Reason, renderReason } from '../protocol/reason.ts'
import type { Actor, HistoryRecord, NodeName } from '../protocol/records.ts'
import type { Memory } from './memory.ts'
import type { ChainPorts } from './ports.ts'
import { type RetryPolicy, retryWhileUnavailable } from './retry.ts'

/** A record without time, id and chain, which are added. */
export type Event = {
  readonly what: string
  readonly actor?: Actor
  readonly term: number
  readonly head: bigint
  readonly node?: NodeName
  readonly reasons: readonly Reason[]
}

/** Baton as the actor of acts that no person asked for. */
export const BATON: Actor = { kind: 'baton', name: 'baton' }

const ONCE: RetryPolicy = { tries: 1, pauseMs: 0 }
/** For records the history must not miss: retry the store for as long as a person waits for an answer. */
export const PERSISTENTLY: RetryPolicy = { tries: 10, pauseMs: 500 }

/**
 * Writes a History record and the same as a log line. A record that cannot be written is logged and does not stop the
 * act it describes: the chain matters more than its history.
 *
 * @param policy the store's retry policy; by default one attempt, because a failover must not wait.
 */
export async function record(ports: ChainPorts, event: Event, policy: RetryPolicy = ONCE): Promise<void> {
  await append(ports, newRecord(ports, event), policy)
}

/** The record of an act done now. */
export function newRecord({ chain, clock, suffix }: ChainPorts, { actor = BATON, ...rest }: Event): HistoryRecord {
  const at = clock.now()
  return { chain: chain.id, id: `${new Date(at).toISOString()}#${suffix()}`, at, actor, ...rest }
}

/** Writes or rewrites a record, and logs it. */
export async function append(
  { history, clock, log }: ChainPorts,
  entry: HistoryRecord,
  policy: RetryPolicy = ONCE,
): Promise<void> {
  const { chain, id, term, node, count } = entry
  const why = entry.reasons.map(renderReason)
  const facts = { chain, record: id, term, node, why, ...(count !== undefined && { count }) }
  log.info(entry.what, facts)
  await retryWhileUnavailable(clock, policy, () => history.append(entry)).catch((error: unknown) =>
    log.error('history record not written', { ...facts, error }),
  )
}

/** Equal acts further apart than this (ms) get separate records. */
const SERIES_MS = 3_600_000
/** Number of newest records searched for the series that an earlier monitor began. */
const MOST_RECORDS = 100
/** Outcomes that share a record whatever their term. */
const FAILED = new Set(['start-failed', 'stop-failed', 'reset-failed', 'top-up-failed'])
const TERMLESS = new Set(['page', 'page-over', 'cool-down', 'refuse-switchover'])

/**
 * Writes Baton's own acts into the history. Equal acts within the hour share one record, with a count and the time of
 * the last: repetition never pushes out the record a person needs.
 */
export async function recordSeries(ports: ChainPorts, memory: Memory, event: Event): Promise<void> {
  const records = await recordsSoFar(ports, memory)
  const fresh = newRecord(ports, event)
  const key = keyOf(fresh)
  const past = records.get(key)
  // Each successful start has a record of its own: it shows what the node was given first.
  const took = fresh.reasons.some(({ code }) => code === 'started')
  const goesOn = past && !took && fresh.at - lastOf(past) < SERIES_MS
  const entry = goesOn ? { ...fresh, id: past.id, at: past.at, count: (past.count ?? 1) + 1, lastAt: fresh.at } : fresh
  records.set(key, entry)
  await append(ports, entry)
}

/** When a record was last added to (Unix ms). */
export const lastOf = ({ at, lastAt = at }: HistoryRecord): number => lastAt

/** The key of equal records: the act, the node, the codes, and the term unless the term does not matter. */
function keyOf({ what, node = '', term, reasons }: HistoryRecord): string {
  const codes = reasons.map(({ code, node: of = '' }) => `${code} ${of}`)
  const everyTerm = TERMLESS.has(what) || reasons.some(({ code }) => FAILED.has(code))
  return [what, node, everyTerm ? '' : term, ...codes].join('|')
}

/** The newest records by key, including those of earlier monitors: on AWS one lives for two minutes. */
async function recordsSoFar({ chain, history, log }: ChainPorts, memory: Memory): Promise<Map<string, HistoryRecord>> {
  if (memory.recorded) return memory.recorded
  const records = new Map<string, HistoryRecord>()
  // One attempt: a silent history must not delay each step of a failover.
  memory.recorded = records
  try {
    const newest = await history.list(chain.id, { limit: MOST_RECORDS })
    for (const each of newest.toReversed()) if (each.actor.kind === 'baton') records.set(keyOf(each), each)
  } catch (error) {
    log.error('history not read', { chain: chain.id, error })
  }
  return records
}

/** The last page by the monitor, or its end, from records in any order; a page about one node belongs to a recovery. */
export function lastPage(records: readonly HistoryRecord[]): HistoryRecord | undefined {
  return records
    .filter(({ what, node }) => (what === 'page' || what === 'page-over') && node === undefined)
    .toSorted((a, b) => lastOf(b) - lastOf(a))[0]
}
