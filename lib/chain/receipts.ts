import * as v from 'valibot'
import { numberToHex } from 'viem'
import type { NodeClient } from './client.ts'
import { isPruned } from './errors.ts'

/** Receipts themselves are not read: only how many there are. */
const receipts = v.nullable(v.array(v.unknown()))

/**
 * Counts the receipts the execution client has of a block; `null` if it has none stored.
 *
 * - JSON-RPC: `eth_getBlockReceipts`
 */
export async function countReceipts(client: NodeClient, number: bigint): Promise<number | null> {
  const answered = await client
    .request({ method: 'eth_getBlockReceipts', params: [numberToHex(number)] })
    .catch((error: unknown) => {
      if (isPruned(error)) return null
      throw error
    })
  return v.parse(receipts, answered)?.length ?? null
}
