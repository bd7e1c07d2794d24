import { zstdDecompressSync } from 'node:zlib'
import type { Head } from '../../lib/protocol/records.ts'
import { textOf } from './intern.ts'
import type { Pending } from './pending.ts'

type OnHead = Extract<Pending, { table: 'heads' }>

/** What is wrong with an applied write on the head, looked at alone; `undefined` = nothing. */
export function headRules(before: Head | undefined, after: Head, sent: OnHead): string | undefined {
  if (before === undefined)
    return sent.kind === 'seed-head' ? undefined : `a ${sent.kind} was applied to a chain without a head`
  if (after.term < before.term) return `the term of the head fell from ${before.term} to ${after.term}`
  if (after.leader !== before.leader && after.term === before.term)
    return `term ${after.term} passed from ${who(before)} to ${who(after)}: it has two leaders`
  switch (sent.kind) {
    case 'commit':
      return commitRules(before, after, sent)
    case 'seed-head':
      return 'a seed was applied over a head'
    case 'move':
      return after.term > before.term && after.leader === ''
        ? keptPayload(after)
        : 'the head was moved and a node could commit there at once'
    case 'close':
      return sent.seen?.hash === before.hash
        ? samePayload(before, after)
        : `the head was closed at block ${before.number}, which was never confirmed: that was ${sent.seen?.number}`
    default:
      return samePayload(before, after)
  }
}

function commitRules(before: Head, after: Head, { by, write }: OnHead): string | undefined {
  if (before.leader !== by) return `${by} committed block ${after.number} in term ${before.term} of ${who(before)}`
  if (after.number !== before.number + 1n) return `block ${after.number} was committed on block ${before.number}`
  if (after.parentHash !== before.hash) return `block ${after.number} was committed on a block that is not its parent`
  if (after.committedTerm !== before.term || after.term !== before.term)
    return `block ${after.number} does not name its term`
  return sameBytes(after, write.set)
    ? undefined
    : `block ${after.number} was acknowledged and its payload is not in the record`
}

/** A fence is no news of blocks. */
function samePayload(before: Head, after: Head): string | undefined {
  const same =
    before.hash === after.hash &&
    before.number === after.number &&
    before.committedTerm === after.committedTerm &&
    sameBytes(before, after)
  return same ? undefined : `a fence changed block ${before.number} itself`
}

/** A head that was moved has the payload of its block or none: never that of the block it left. */
function keptPayload({ payload, payloadRef, number, hash }: Head): string | undefined {
  if (payloadRef === undefined && payload === undefined) return undefined
  if (payload && zstdDecompressSync(payload).includes(hash)) return undefined
  return `the head was moved to block ${number} with the payload of another`
}

const sameBytes = (one: Partial<Head>, other: Partial<Head>) =>
  one.payloadRef === other.payloadRef && textOf(one.payload) === textOf(other.payload)

const who = ({ leader }: Head) => leader || 'no node'
