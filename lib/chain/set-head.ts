import { numberToHex } from 'viem'
import type { NodeClient } from './client.ts'

/**
 * Rewinds an execution client to one of its blocks and deletes what is stored above it. The answer
 * proves nothing: op-geth may land lower, reth answers without doing anything. Look afterwards.
 *
 * - JSON-RPC: `debug_setHead` (needs `--http.api=debug`)
 */
export async function setHead(client: NodeClient, number: bigint): Promise<void> {
  await client.request({ method: 'debug_setHead', params: [numberToHex(number)] })
}

/** Whether the client offers `debug_setHead`; asked with a parameter it must refuse, so that nothing changes. */
export async function offersSetHead(client: NodeClient): Promise<boolean> {
  const error = await client.request({ method: 'debug_setHead', params: ['no-number'] }).catch((cause: Error) => cause)
  return error instanceof Error && /invalid argument|hex string|cannot unmarshal/i.test(error.message)
}
