import type { ChainPorts } from '../../context/ports.ts'
import type { Head, HistoryRecord, Lease } from '../../protocol/records.ts'
import { formatReasons } from '../../text/reason.ts'
import { formatSpan } from '../../text/time.ts'

/** A switchover takes a block time and a little; this long without one means that nobody works on it. */
const PATIENCE_MS = 20_000
const EVERY_MS = 150

/** What came of a switchover. */
export type SwitchoverResult = {
  readonly outcome: 'moved' | 'rolled-back' | 'refused' | 'pending'
  readonly leader: string
  readonly term: number
  /** The first block of the new term. */
  readonly block?: { readonly number: bigint; readonly hash: string }
  readonly why?: string
}

/** Waits until a switchover asked for was carried out (with a first commit) or refused. */
export async function awaitSwitchover(
  { chain, leases, heads, history, clock }: ChainPorts,
  asked: Lease,
): Promise<{
  readonly result: SwitchoverResult
  readonly words: string
  readonly exit: 'ok' | 'failed' | 'refused' | 'pending'
}> {
  const began = clock.now()
  while (clock.now() - began < PATIENCE_MS) {
    const lease = (await leases.read(chain.id)) ?? asked
    const head = await heads.read(chain.id)
    const { leader, term } = lease
    if (head && isDone(head, lease, asked)) {
      const block = { number: head.number, hash: head.hash }
      if (lease.cause.code === 'rolled-back' || (asked.switchover?.to ?? leader) !== leader) {
        const why =
          formatOutcome(await history.list(chain.id, { limit: 10 }), 'grant', began) ?? 'the target did not commit'
        return {
          result: { outcome: 'rolled-back', leader, term, block, why },
          words: `rolled back: ${why}`,
          exit: 'failed',
        }
      }
      const words = `${leader} sequences in term ${term} since block ${block.number}, ${formatSpan(clock.now() - began)} after it was asked for`
      return { result: { outcome: 'moved', leader, term, block }, words, exit: 'ok' }
    }
    if (lease.switchover?.id !== asked.switchover?.id && term === asked.term) {
      const why =
        formatOutcome(await history.list(chain.id, { limit: 10 }), 'refuse-switchover', began) ?? 'it was withdrawn'
      return { result: { outcome: 'refused', leader, term, why }, words: `refused: ${why}`, exit: 'refused' }
    }
    await clock.sleep(EVERY_MS)
  }
  const { leader, term } = (await leases.read(chain.id)) ?? asked
  const words = `asked for ${formatSpan(PATIENCE_MS)} ago, not finished yet: see "baton status", and whether a monitor is active`
  return { result: { outcome: 'pending', leader, term }, words, exit: 'pending' }
}

function isDone(head: Head, lease: Lease, asked: Lease): boolean {
  return lease.term > asked.term && head.term === lease.term && head.committedTerm === lease.term
}

function formatOutcome(newestFirst: readonly HistoryRecord[], act: string, since: number): string | undefined {
  const record = newestFirst.find(({ what, at }) => what === act && at >= since)
  return record && formatReasons(record.reasons)
}
