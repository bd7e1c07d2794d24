import { BatonError } from '../errors.ts'
import { type Reason, reason, renderReason } from '../protocol/reason.ts'
import type { Head, HistoryRecord } from '../protocol/records.ts'

/** A problem is told in a page: no more of it than a line. */
const MOST_TOLD = 300

/** Why a committed block cannot be taken by any node as it is kept, with the block to go back to. */
export function badPayload({ number, hash, parentHash }: BadHead, problem: string): Reason {
  return reason('bad-payload', {
    number: String(number),
    hash,
    problem: problem.slice(0, MOST_TOLD),
    parentNumber: String(number - 1n),
    parentHash,
  })
}

type BadHead = Pick<Head, 'number' | 'hash' | 'parentHash'>

/** What is kept as the payload of a committed block is something else. It is not archived as that block. */
export class BadPayloadError extends BatonError {
  override readonly name = 'BadPayloadError'
  override readonly code = 'bad-payload'
  readonly head: Head
  readonly reason: Reason

  constructor(head: Head, problem: string) {
    const why = badPayload(head, problem)
    super({
      message: renderReason(why),
      remedy:
        'Ask "baton disaster survey" first: a node that has the block makes going back needless (docs/runbooks.md).',
    })
    this.head = head
    this.reason = why
  }
}

/** The History record of a bad payload: one for the block, however often it is met. */
export function recordOf({ head, reason }: BadPayloadError): HistoryRecord {
  const { chain, committedAt: at, committedTerm: term, number, hash } = head
  const id = `${new Date(at).toISOString()}#bad-payload-${hash.slice(2, 10)}`
  return {
    chain,
    id,
    at,
    actor: { kind: 'baton', name: 'baton' },
    what: 'bad-payload',
    term,
    head: number,
    reasons: [reason],
  }
}
