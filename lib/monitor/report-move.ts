import type { Memory } from '../context/memory.ts'
import type { ChainPorts } from '../context/ports.ts'
import { append, PERSISTENTLY } from '../context/record.ts'
import type { Reason } from '../protocol/reason.ts'
import type { Head, HistoryRecord } from '../protocol/records.ts'

/** A move this long ago (ms) has its record, or every monitor has seen it since. */
const LATELY_MS = 24 * 3_600_000
/** Number of newest records searched for a move's record. */
const RECORDS = 100

/**
 * The record of the head's last move. Its id follows from the move, so it is written only once: by the process that
 * moved the head, or by the next monitor if that process ended or the history did not answer.
 */
function recordOfMove({ chain, number, term, moved }: Head, reasons?: readonly Reason[]): HistoryRecord | undefined {
  if (!moved) return undefined
  const { at, by, why } = moved
  const id = `${new Date(at).toISOString()}#moved`
  const what = by.kind === 'baton' ? 'follow-l1' : 'place-head'
  return { chain, id, at, actor: by, what, term, head: number, reasons: reasons ?? [why] }
}

/** Writes the record of a move just made. */
export async function reportMove(
  ports: ChainPorts,
  memory: Memory,
  head: Head,
  reasons: readonly Reason[],
): Promise<void> {
  const entry = recordOfMove(head, reasons)
  if (!entry) return
  await append(ports, entry)
  // The next turn checks whether the record is there: the history may not have answered.
  delete memory.recordedMove
}

/** Writes the record of the head's last move if the history lacks it; checks once for each move. */
export async function reportMissedMove(ports: ChainPorts, memory: Memory, head: Head | undefined): Promise<void> {
  const entry = head && recordOfMove(head)
  const { chain, clock, history, log } = ports
  if (!entry || memory.recordedMove === entry.at || clock.now() - entry.at > LATELY_MS) return
  try {
    const newest = await history.list(chain.id, { limit: RECORDS })
    if (!newest.some((each) => each.id === entry.id || isOf(each, entry))) await append(ports, entry, PERSISTENTLY)
    memory.recordedMove = entry.at
  } catch (error) {
    log.error('history not read', { chain: chain.id, error })
  }
}

/** Records of an operator's move have ids of their own and are written together with the move. */
const isOf = ({ what, actor, at }: HistoryRecord, move: HistoryRecord): boolean =>
  (what === 'place-head' || what === 'return') && actor.name === move.actor.name && at >= move.at
