import * as v from 'valibot'
import type { Block } from '../protocol/block.ts'
import { l1Origin } from './l1-origin.ts'
import { bytes, hash, quantity } from './schema.ts'

const envelope = v.object({
  executionPayload: v.object({
    parentHash: hash,
    blockHash: hash,
    blockNumber: quantity,
    timestamp: quantity,
    transactions: v.array(bytes),
  }),
})

/** The block of an envelope (JSON text), with its L1 origin if it tells. Throws if it is none. */
export function blockOfPayload(json: string): Block {
  const { executionPayload } = v.parse(envelope, JSON.parse(json))
  const { blockNumber: number, blockHash, parentHash, timestamp, transactions } = executionPayload
  const origin = l1Origin(transactions[0])
  return { number, hash: blockHash, parentHash, timestamp, ...(origin && { l1Origin: origin }) }
}
