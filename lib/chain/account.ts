import * as v from 'valibot'
import { type Hex, numberToHex } from 'viem'
import type { NodeClient } from './client.ts'
import { quantity } from './schema.ts'

/** An account as of a block: what it has (wei), and how many transactions of it are in blocks up to there. */
export type Account = { readonly balanceWei: bigint; readonly nonce: bigint }

/**
 * Reads an account as of a block.
 *
 * - JSON-RPC: `eth_getBalance`, `eth_getTransactionCount`
 * - Fails for blocks whose state is gone: a full node keeps that of the newest 128.
 */
export async function getAccount(client: NodeClient, address: Hex, at: bigint): Promise<Account> {
  const params = [address, numberToHex(at)] as const
  const [balance, nonce] = await Promise.all([
    client.request({ method: 'eth_getBalance', params }),
    client.request({ method: 'eth_getTransactionCount', params }),
  ])
  return { balanceWei: v.parse(quantity, balance), nonce: v.parse(quantity, nonce) }
}
