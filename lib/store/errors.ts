import { BatonError } from '../errors.ts'
import type { BlockId } from '../protocol/block.ts'
import { type Reason, reason, renderReason } from '../protocol/reason.ts'
import type { Head, HistoryRecord } from '../protocol/records.ts'
import { withTimeout } from '../with-timeout.ts'
import { isAnswered, lastAnswer } from './last-answer.ts'

/** The store did not answer in time, or answered with an error. It is unknown whether a write was applied. */
export class StoreUnavailableError extends BatonError {
  override readonly name = 'StoreUnavailableError'
  override readonly code = 'store-unavailable'
  /** The operation and its target, e.g. `commit` and `baton-heads/901`. */
  readonly operation: string

  /** `then`: what followed the answer that is the cause, such as the end of the deadline. */
  constructor(operation: string, target: string, cause: unknown, remedy = remedyFor(cause), then?: Error) {
    const end = then ? `; then ${then.message}` : ''
    super({ message: `${operation} on ${target} failed: ${describe(cause)}${end}`, remedy, cause })
    this.operation = operation
  }
}

/** A stored item does not have Baton's format. Nothing is derived from it. */
export class CorruptRecordError extends BatonError {
  override readonly name = 'CorruptRecordError'
  override readonly code = 'corrupt-record'

  constructor(target: string, problem: string, cause?: unknown) {
    super({
      message: `${target} holds something Baton cannot read: ${problem}`,
      remedy:
        'Find out who wrote it (only Baton may), put back what was there before (docs/runbooks.md, monitor-errors), then continue.',
      cause,
    })
  }
}

/** A payload is larger than any block Baton accepts, packed or unpacked. */
export class PayloadTooLargeError extends BatonError {
  override readonly name = 'PayloadTooLargeError'
  override readonly code = 'payload-too-large'

  constructor(limit: number, cause?: unknown) {
    super({
      message: `the payload unpacks to more than ${limit} bytes`,
      remedy: 'No block is that large: distrust the source that delivered it.',
      cause,
    })
  }
}

/** A payload that must exist (the head's, or a committed one) is missing. */
export class MissingPayloadError extends BatonError {
  override readonly name = 'MissingPayloadError'
  override readonly code = 'missing-payload'
  readonly block: BlockId

  constructor(block: BlockId, place: string) {
    super({
      message: `the payload of block ${block.number} ${block.hash} is missing (${place})`,
      remedy: 'Take it from a node that has the block, or from a peer; the backfill workflow does both.',
    })
    this.block = block
  }
}

/** A key that points outside the store. */
export class InvalidKeyError extends BatonError {
  override readonly name = 'InvalidKeyError'
  override readonly code = 'invalid-key'

  constructor(key: string) {
    super({
      message: `"${key}" is not a key: segments of letters, digits, ".", "_", "-", joined by "/", none starting with "."`,
      remedy: 'Use a chain and hash as Baton writes them.',
    })
  }
}

function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const text = cause.message || (cause as NodeJS.ErrnoException).code || 'no message'
  return cause.name === 'Error' ? text : `${cause.name}: ${text}`
}

function remedyFor(cause: unknown): string {
  const name = cause instanceof Error ? cause.name : ''
  if (name === 'ResourceNotFoundException' || name === 'NoSuchBucket') {
    return 'Create the tables and the bucket (deploy the stack), and check their names and the region in the configuration.'
  }
  if (/AccessDenied|UnrecognizedClient|InvalidSignature|ExpiredToken|Credentials/.test(name)) {
    return 'Check the credentials and the permissions of the role Baton runs under.'
  }
  if (/Throttl|ThroughputExceeded|RequestLimitExceeded/.test(name)) {
    return 'DynamoDB throttles this table or item. If it lasts, compare WriteThrottleEvents and ReadThrottleEvents of the table with its limits (docs/aws.md, one hot item) and those of the account.'
  }
  return 'If it passes, do nothing: callers retry. If it lasts, check the network, the endpoint and the service health.'
}

/** Limits a problem to one line in a page. */
const MOST_TOLD = 300

/** Why no node can import a committed block from its stored payload, with the block to return to. */
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

/** The stored payload of a committed block is not that block. It is not archived under the block's key. */
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
        'Run "baton disaster survey" first: if a node has the block, there is no need to go back (docs/runbooks.md).',
    })
    this.head = head
    this.reason = why
  }
}

/** The History record of a bad payload: one per block, however often it is found. */
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

/**
 * Runs a store call, aborted after `timeoutMs`. When the service answered an attempt with an error and no later one, the
 * failure is that answer.
 *
 * @throws StoreUnavailableError for every failure, unless `expected` turns it into a result.
 */
export async function withDeadline<T>(
  operation: string,
  target: string,
  timeoutMs: number,
  call: (signal: AbortSignal) => Promise<T>,
  expected?: (error: unknown) => T | undefined,
): Promise<T> {
  let bound: AbortSignal | undefined
  try {
    return await withTimeout(timeoutMs, (signal) => {
      bound = signal
      return call(signal)
    })
  } catch (error) {
    const result = expected?.(error)
    if (result !== undefined) return result
    const answer = bound && !isAnswered(error) ? lastAnswer(bound) : undefined
    if (answer === undefined || !(error instanceof Error)) throw new StoreUnavailableError(operation, target, error)
    throw new StoreUnavailableError(operation, target, answer, undefined, error)
  }
}
