import * as v from 'valibot'
import { numberToHex } from 'viem'
import type { NodeClient } from './client.ts'
import { quantity } from './schema.ts'

/** The L2-to-L1 message passer: an account every OP chain has from its genesis. */
const messagePasser = '0x4200000000000000000000000000000000000016'

/**
 * Reads an account at the execution client's newest block, or at block `at`, to see whether that block's
 * state is there: after a crash a node may name a block whose state was lost. Resolves when it is readable.
 *
 * - JSON-RPC: `eth_getBalance`
 * - Fails with a text such as "missing trie node …" when the state is gone.
 */
export async function probeState(client: NodeClient, at?: bigint): Promise<void> {
  const block = at === undefined ? 'latest' : numberToHex(at)
  v.parse(quantity, await client.request({ method: 'eth_getBalance', params: [messagePasser, block] }))
}
