import type { ChainPorts } from '../../context/ports.ts'
import { unchanged } from '../../protocol/control.ts'
import type { Lease } from '../../protocol/records.ts'
import { evaluate } from '../../protocol/write.ts'

/** A decision younger than this (ms) is carried out as it is: it costs no read of the store. */
const FRESH_MS = 1_000
/** A process may stand still during the read, too. One that always does sends nothing. */
const MOST_READS = 3

/**
 * Whether an act may still be sent to a node: the lease it was decided on has had no other term and no other order
 * since. A node cannot check that as the store does for a conditional write. A process that stood still would start,
 * stop or feed a node after a pause, or after a recovery has begun on it. Call it right before each request.
 *
 * @param readAt when the lease was read (ms, monotonic); it is read again only if that is long ago.
 * @throws StoreUnavailableError (from the returned function)
 */
export function stillOrdered(
  { leases, chain, clock }: ChainPorts,
  lease: Lease,
  readAt = Number.NEGATIVE_INFINITY,
): () => Promise<boolean> {
  let knownAt = readAt
  return async () => {
    for (let reads = 0; clock.monotonic() - knownAt > FRESH_MS; reads++) {
      if (reads === MOST_READS) return false
      const askedAt = clock.monotonic()
      if (!evaluate(unchanged(lease), await leases.read(chain.id))) return false
      knownAt = askedAt
    }
    return true
  }
}
