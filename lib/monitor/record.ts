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

const ONCE: Patience = { tries: 1, pauseMs: 0 }

/**
 * Writes a History record and the same as a log line. A record that cannot be written is logged and
 * does not stop the act it tells of: the chain matters more than its diary.
 *
 * @param patience with the store; by default it is asked once, for a failover must not wait.
 */
export async function record(ports: ChainPorts, event: Event, patience: Patience = ONCE): Promise<void> {
  const { chain, history, clock, log, suffix } = ports
  const at = clock.now()
  const id = `${new Date(at).toISOString()}#${suffix()}`
  const { actor = { kind: 'baton', name: 'baton' }, ...rest } = event
  const entry: HistoryRecord = { chain: chain.id, id, at, actor, ...rest }
  const facts = {
    chain: chain.id,
    record: id,
    term: event.term,
    node: event.node,
    why: event.reasons.map(renderReason),
  }
  log.info(event.what, facts)
  await patient(clock, patience, () => history.append(entry)).catch((error: unknown) =>
    log.error('history record not written', { ...facts, error }),
  )
}
