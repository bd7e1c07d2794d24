import type { Reason } from '../protocol/reason.ts'
import { renderReason } from '../protocol/reason.ts'
import type { Actor, HistoryRecord, NodeName } from '../protocol/records.ts'
import { type Patience, patient } from './patient.ts'
import type { ChainPorts } from './ports.ts'

/** What is to be remembered; time, id and chain are added. */
export type Event = {
  readonly what: string
  readonly actor?: Actor
  readonly term: number
  readonly head: bigint
  readonly node?: NodeName
  readonly reasons: readonly Reason[]
}

/** Baton itself, as the actor of what no person asked for. */
export const BATON: Actor = { kind: 'baton', name: 'baton' }

const ONCE: Patience = { tries: 1, pauseMs: 0 }
/** What must not be missing from the history: the store is asked again for as long as a person waits for an answer. */
export const PATIENTLY: Patience = { tries: 10, pauseMs: 500 }

/**
 * Writes a History record and the same as a log line. A record that cannot be written is logged and
 * does not stop the act it tells of: the chain matters more than its diary.
 *
 * @param patience with the store; by default it is asked once, for a failover must not wait.
 */
export async function record(ports: ChainPorts, event: Event, patience: Patience = ONCE): Promise<void> {
  await append(ports, newRecord(ports, event), patience)
}

/** The record of something done now. */
export function newRecord({ chain, clock, suffix }: ChainPorts, { actor = BATON, ...rest }: Event): HistoryRecord {
  const at = clock.now()
  return { chain: chain.id, id: `${new Date(at).toISOString()}#${suffix()}`, at, actor, ...rest }
}

/** Writes a record, or writes it again as it is now, and logs it. */
export async function append(
  { history, clock, log }: ChainPorts,
  entry: HistoryRecord,
  patience: Patience = ONCE,
): Promise<void> {
  const { chain, id, term, node, count } = entry
  const why = entry.reasons.map(renderReason)
  const facts = { chain, record: id, term, node, why, ...(count !== undefined && { count }) }
  log.info(entry.what, facts)
  await patient(clock, patience, () => history.append(entry)).catch((error: unknown) =>
    log.error('history record not written', { ...facts, error }),
  )
}
