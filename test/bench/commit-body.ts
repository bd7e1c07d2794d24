import { randomBytes } from 'node:crypto'
import type { Hash } from '../../lib/protocol/block.ts'
import { blockOf, envelopeOf } from '../gate/payloads.ts'

/** Sizes of transactions as they follow each other in a block, in bytes. */
const SIZES = [200, 500, 2_000, 400, 10_000, 300, 100_000]

/** The hash of each block made here, by number: the next one names it. The first follows a chain of others. */
const made = new Map<number, Hash>()

/** The n-th block, child of the one made before it, as op-node commits it, with so many bytes of transactions that do not compress. */
export function commitBody(number: number, bytes: number): Buffer {
  const transactions: string[] = []
  for (let left = bytes, i = 0; left > 0; i++) {
    const size = Math.min(left, SIZES[i % SIZES.length] ?? 200)
    transactions.push(`0x${randomBytes(size).toString('hex')}`)
    left -= size
  }
  const block = blockOf(number)
  const envelope = envelopeOf({ ...block, parentHash: made.get(number - 1) ?? block.parentHash }, { transactions })
  made.set(number, envelope.executionPayload.blockHash as Hash)
  const params = [envelope]
  return Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: number, method: 'conductor_commitUnsafePayload', params }))
}
