import { keccak256, toHex } from 'viem'
import { expect, test } from 'vitest'
import { hashPayload } from '../../lib/chain/header.ts'
import { envelopes } from './fixtures.ts'

test('what real op-nodes sealed hashes to the hash they named', () => {
  expect(envelopes.length).toBeGreaterThan(5)
  for (const envelope of envelopes) expect(hashPayload(envelope)).toBe(envelope.executionPayload.blockHash)
})

test('every field is in the hash but the hash itself', () => {
  const [envelope] = envelopes
  if (!envelope) throw new Error('no fixtures')
  const { executionPayload: payload } = envelope
  const hash = hashPayload(envelope)
  for (const [field, value] of Object.entries(payload)) {
    if (field === 'blockHash' || field === 'withdrawals') continue
    const other = Array.isArray(value) ? [...value, '0x01'] : value === '0x' ? '0x01' : change(value as string)
    expect(hashPayload({ ...envelope, executionPayload: { ...payload, [field]: other } }), field).not.toBe(hash)
  }
  expect(hashPayload({ ...envelope, parentBeaconBlockRoot: keccak256(toHex('another')) })).not.toBe(hash)
  expect(hashPayload({ ...envelope, executionPayload: { ...payload, blockHash: keccak256('0x') } })).toBe(hash)
})

/** The same length, another first digit. */
const change = (hex: string) => `0x${hex[2] === '1' ? '2' : '1'}${hex.slice(3)}`
