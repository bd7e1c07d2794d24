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
    number: BigInt(read(envelope, fields.blockNumber)),
    hash: read(envelope, fields.blockHash),
    parentHash: read(envelope, fields.parentHash),
  }
}

const hexField = (name: string, digits: string) => ({
  name,
  pattern: new RegExp(`"${name}"\\s*:\\s*"0x([0-9a-fA-F]{${digits}})"`),
})

const fields = {
  blockNumber: hexField('blockNumber', '1,16'),
  blockHash: hexField('blockHash', '64'),
  parentHash: hexField('parentHash', '64'),
} as const

function read(envelope: string, { name, pattern }: ReturnType<typeof hexField>): Hash {
  const match = pattern.exec(envelope)
  if (!match?.[1]) throw new CorruptRecordError('a payload', `it has no ${name}`)
  return `0x${match[1].toLowerCase()}`
}
