import type { Envelope, ExecutionPayload } from '../chain/envelope.ts'
import { hashPayload } from '../chain/header.ts'
import type { BlockId, Hash } from '../protocol/block.ts'

/** A block that is known to be committed; its parent's hash too, once that is known. */
export type KnownBlock = BlockId & { readonly parentHash?: Hash | undefined }

/**
 * Checks that a payload is the block it is taken for: its content hashes to the committed hash.
 * Nothing that fails here is given to a client. Returns what is wrong, or `undefined`.
 */
export function checkPayload(envelope: Envelope, { number, hash, parentHash }: KnownBlock): string | undefined {
  const named = envelope.executionPayload?.blockHash
  const content = tryHash(envelope)
  if (content === undefined) return 'it is no payload at all'
  if (content === hash && named === hash) {
    return parentHash === undefined || envelope.executionPayload.parentHash === parentHash
      ? undefined
      : `its parent is ${envelope.executionPayload.parentHash}, not ${parentHash}`
  }
  const at = BigInt(envelope.executionPayload.blockNumber)
  if (at !== number) return `it is block ${at}, not ${number}`
  if (named !== hash) return `it is ${named}, not ${hash}`
  return `its content hashes to ${content}, not to ${hash}`
}

/** The fields in which two payloads differ, to tell what became corrupt. */
export function differingFields(one: Envelope, other: Envelope): string[] {
  const payloads = [one.executionPayload, other.executionPayload] as const
  const fields = new Set(payloads.flatMap((payload) => Object.keys(payload ?? {}) as (keyof ExecutionPayload)[]))
  const differing: string[] = [...fields].filter((field) => text(payloads[0]?.[field]) !== text(payloads[1]?.[field]))
  if (one.parentBeaconBlockRoot !== other.parentBeaconBlockRoot) differing.push('parentBeaconBlockRoot')
  return differing
}

const text = (value: unknown) => JSON.stringify(value)

function tryHash(envelope: Envelope): Hash | undefined {
  try {
    return hashPayload(envelope)
  } catch {
    return undefined
  }
}
