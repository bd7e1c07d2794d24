import type { BlockId, Hash } from '../protocol/block.ts'
import { CorruptRecordError } from './errors.ts'

/**
 * Reads number, hash and parent hash from an envelope without parsing it: everything in a payload is
 * hex, so no value can contain these keys.
 *
 * @throws CorruptRecordError
 */
export function blockOfEnvelope(envelope: string): BlockId & { readonly parentHash: Hash } {
  return {
    number: BigInt(hexField(envelope, 'blockNumber', '1,16')),
    hash: hexField(envelope, 'blockHash', '64'),
    parentHash: hexField(envelope, 'parentHash', '64'),
  }
}

function hexField(envelope: string, field: string, digits: string): Hash {
  const match = new RegExp(`"${field}"\\s*:\\s*"0x([0-9a-fA-F]{${digits}})"`).exec(envelope)
  if (!match?.[1]) throw new CorruptRecordError('a payload', `it has no ${field}`)
  return `0x${match[1].toLowerCase()}`
}
