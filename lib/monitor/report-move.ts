import type { Memory } from '../context/memory.ts'
import type { ChainPorts } from '../context/ports.ts'
import { append, PERSISTENTLY } from '../context/record.ts'
import type { Reason } from '../protocol/reason.ts'
import type { Head, HistoryRecord } from '../protocol/records.ts'

/** A move this long ago (ms) is told by its record, or was seen by every monitor since. */
const LATELY_MS = 24 * 3_600_000
/** So many of the newest records are searched for that of a move. */
const RECORDS = 100

/**
 * The record of the head's last move. Its id follows from the move, so that it is written once, whoever writes it: the
 * one who moved the head, or the next monitor if that one ended or the history did not answer.
 */
function recordOfMove({ chain, number, term, moved }: Head, reasons?: readonly Reason[]): HistoryRecord | undefined {
  if (!moved) return undefined
  const { at, by, why } = moved
  const id = `${new Date(at).toISOString()}#moved`
  const what = by.kind === 'baton' ? 'follow-l1' : 'place-head'
  return { chain, id, at, actor: by, what, term, head: number, reasons: reasons ?? [why] }
}

/** Writes the record of a move that was just made. */
export async function reportMove(
  ports: ChainPorts,
  memory: Memory,
  head: Head,
  reasons: readonly Reason[],
): Promise<void> {
  const entry = recordOfMove(head, reasons)
  if (!entry) return
  await append(ports, entry)
  // Whether it is there is looked up in the next turn: the history may not have answered.
  delete memory.recordedMove
}

/** Writes the record of the head's last move if the history lacks it; looks once for each move. */
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

/** Records of an operator's move have ids of their own; they are written in the moment of the move. */
const isOf = ({ what, actor, at }: HistoryRecord, move: HistoryRecord): boolean =>
  (what === 'place-head' || what === 'return') && actor.name === move.actor.name && at >= move.at
