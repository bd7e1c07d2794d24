import * as v from 'valibot'
import type { Hex } from 'viem'
import { requestBlock } from '../chain/block.ts'
import type { NodeClient } from '../chain/client.ts'
import { getAccount } from '../chain/execution.ts'
import { bytes, hash, quantity } from '../chain/schema.ts'
import type { Poster } from '../protocol/l1.ts'

/** An account on L1 that is watched; `to`: only its transactions to this address count. */
export type Watched = { readonly address: Hex; readonly to?: Hex }

/** How many transactions to somewhere else are passed over before the search ends. */
const PASSED_OVER = 3

const block = v.object({
  number: quantity,
  hash,
  timestamp: quantity,
  transactions: v.array(v.object({ from: bytes, to: v.nullish(bytes) })),
})

/**
 * Finds the newest block, not older than `oldest`, with a transaction of the account: by bisecting its
 * nonce, which takes seven questions for 128 blocks however full they are.
 *
 * @throws when the endpoint no longer has the account's state of these blocks.
 */
export async function findInclusion(
  client: NodeClient,
  { address, to }: Watched,
  { oldest, newest, nonce }: { readonly oldest: bigint; readonly newest: bigint; readonly nonce: bigint },
): Promise<NonNullable<Poster['included']>> {
  const nonceAt = async (at: bigint) => (await getAccount(client, address, at)).nonce
  let wanted = nonce
  let high = newest
  for (let passed = 0; passed <= PASSED_OVER; passed++) {
    if ((await nonceAt(oldest)) >= wanted) break
    let low = oldest
    // The nonce reached `wanted` after block `low`, in block `high` at the latest.
    while (high - low > 1n) {
      const middle = (low + high) / 2n
      if ((await nonceAt(middle)) >= wanted) high = middle
      else low = middle
    }
    const { transactions, ...found } = await readBlock(client, high)
    const sent = transactions.some((tx) => tx.from === address && (to === undefined || tx.to === to))
    if (sent) return { ...found, atLeast: false }
    wanted = await nonceAt(low)
    high = low
  }
  const { transactions: _, ...at } = await readBlock(client, high < newest ? high : oldest)
  return { ...at, atLeast: true }
}

async function readBlock(client: NodeClient, number: bigint) {
  return v.parse(block, await requestBlock(client, { number }, true))
}
