import type { Memory } from '../context/memory.ts'
import type { ChainPorts } from '../context/ports.ts'
import { append, BATON } from '../context/record.ts'
import type { View } from '../protocol/decision.ts'
import { type Reason, reason } from '../protocol/reason.ts'
import type { HistoryRecord, Lease, NodeName } from '../protocol/records.ts'

/** A term granted this long ago (ms) has its record, or every monitor has seen it since. */
const LATELY_MS = 24 * 3_600_000
/** The record of a grant is within this time of it (ms), also one of an earlier version. */
const NEAR_MS = 60_000
/** Another monitor has this long to record its own grant (ms). */
const OTHERS_MS = 3_000

type Granted = { readonly term: number; readonly to: NodeName; readonly at: number; readonly head: bigint }

/**
 * The record of a grant. Its id follows from the grant, and sorts before whatever follows from it in the same
 * millisecond: it is one record, by whichever process it is written.
 */
export function recordOfGrant(
  { chain }: ChainPorts,
  { term, to, at, head }: Granted,
  reasons: readonly Reason[],
): HistoryRecord {
  const id = `${new Date(at).toISOString()}#-${term}`
  return { chain: chain.id, id, at, actor: BATON, what: 'grant', term, head, node: to, reasons }
}

/**
 * Writes the record of the present term's grant if the history lacks it; checks once for each term. The store may have
 * applied a grant and lost its answers, the record may not have been written, or the process may have ended between
 * the two. The process that decided the grant has its reasons; another one has what the lease says.
 */
export async function reportMissedGrant(ports: ChainPorts, memory: Memory, { lease, head }: View): Promise<void> {
  const { chain, clock, history, log } = ports
  if (!lease || lease.leader === '' || memory.recordedTerm === lease.term) return
  if (clock.now() - lease.grantedAt > LATELY_MS) return
  const now = clock.monotonic()
  if (memory.term?.number !== lease.term) memory.term = { number: lease.term, seenAt: now }
  const own = memory.granting
  const known = own?.term === lease.term && own.at === lease.grantedAt && own.node === lease.leader ? own : undefined
  if (!known && now - memory.term.seenAt < OTHERS_MS) return
  try {
    const before = new Date(lease.grantedAt + NEAR_MS).toISOString()
    const near = await history.list(chain.id, { before })
    if (near.some((each) => tellsOf(each, lease))) memory.recordedTerm = lease.term
    else await append(ports, known ?? found(ports, lease, head?.number ?? 0n))
  } catch (error) {
    log.error('history not read', { chain: chain.id, error })
  }
}

/** The record as far as the lease has it. */
function found(ports: ChainPorts, { term, leader, grantedAt, cause }: Lease, head: bigint): HistoryRecord {
  const why = reason('grant-found', { cause: cause.code, by: cause.by }, leader)
  return recordOfGrant(ports, { term, to: leader, at: grantedAt, head }, [why])
}

/** A term comes from a grant, from a lease seeded again for a head, or from a head that was ahead of its lease. */
const tellsOf = ({ what, term, at }: HistoryRecord, lease: Lease): boolean =>
  ((what === 'grant' || what === 'seed-lease') && term === lease.term) ||
  (what === 'follow-head' && at >= lease.grantedAt)
