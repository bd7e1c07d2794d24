import * as v from 'valibot'
import type { Hex } from 'viem'
import { getBlock, requestBlock } from '../chain/block.ts'
import type { NodeClient } from '../chain/client.ts'
import { getAccount } from '../chain/execution.ts'
import { answer } from '../chain/failure.ts'
import { bytes, hash, quantity } from '../chain/schema.ts'
import type { L1Sample, Poster, Tip } from '../protocol/l1.ts'
import type { L1Block } from '../protocol/observation.ts'

/** A watched L1 account; with `to`, only its transactions to this address count. */
export type Watched = { readonly address: Hex; readonly to?: Hex }

/** The search skips at most this many transactions to other addresses. */
const PASSED_OVER = 3

const block = v.object({
  number: quantity,
  hash,
  timestamp: quantity,
  transactions: v.array(v.object({ from: bytes, to: v.nullish(bytes) })),
})

/**
 * Finds the newest block, not older than `oldest`, with a transaction of the account, by bisecting its nonce: seven
 * requests for 128 blocks, however full they are.
 *
 * @throws when the endpoint no longer has the account's state at these blocks.
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

/** Search range (ms) where the endpoint keeps the state of every block: a little over a day. */
const SPAN_MS = 96_000_000
/** Search range in blocks where it does not: a full node keeps the state of the newest 128. */
const SHORT_SPAN = 120n

/** The watched L1 accounts. */
export type Watch = { readonly batcher?: Watched; readonly proposer?: Watched; readonly slotMs: number }

/** The last state of an account, with its nonce: while the nonce stays the same, so does the block. */
export type KnownPoster = Poster & { readonly nonce: bigint }

/** A sample, and the results the next one can reuse. */
export type Sampled = {
  readonly sample: L1Sample
  readonly known: { readonly batcher?: KnownPoster; readonly proposer?: KnownPoster }
}

/**
 * Samples L1 once: its head, its block at the tip's origin, and the accounts that post. Reports only the balance of an
 * account whose older state the endpoint does not keep.
 *
 * @throws when the endpoint does not answer.
 */
export async function observeL1(
  client: NodeClient,
  { batcher, proposer, slotMs }: Watch,
  tip: Tip | undefined,
  known: Sampled['known'],
  now: () => number,
): Promise<Sampled> {
  const [latest, origin] = await Promise.all([
    getBlock(client, { tag: 'latest' }),
    tip && getBlock(client, { number: tip.l1Origin.number }),
  ])
  if (!latest) throw new Error('it has no latest block')
  const head = l1Block(latest)
  const [posts, proposes] = await Promise.all([
    batcher && observePoster(client, batcher, head, known.batcher, slotMs),
    proposer && observePoster(client, proposer, head, known.proposer, slotMs),
  ])
  const found = { ...(posts && { batcher: posts }), ...(proposes && { proposer: proposes }) }
  return {
    sample: { at: now(), head, ...(tip && { tip: { block: tip, origin: origin ? l1Block(origin) : null } }), ...found },
    known: found,
  }
}

const l1Block = ({ number, hash, timestamp }: L1Block): L1Block => ({ number, hash, timestamp })

async function observePoster(
  client: NodeClient,
  watched: Watched,
  head: L1Block,
  known: KnownPoster | undefined,
  slotMs: number,
): Promise<KnownPoster> {
  const { address } = watched
  const { balanceWei, nonce } = await getAccount(client, address, head.number)
  const back = (span: bigint) => (head.number > span ? head.number - span : 0n)
  let oldest = back(BigInt(Math.ceil(SPAN_MS / slotMs)))
  let before = await answer(getAccount(client, address, oldest))
  if (!before.ok) {
    oldest = back(SHORT_SPAN)
    before = await answer(getAccount(client, address, oldest))
  }
  const paid = before.ok && before.value.balanceWei > balanceWei ? before.value.balanceWei - balanceWei : 0n
  const same = known?.nonce === nonce && known.included && !known.included.atLeast ? known.included : undefined
  const search = same ? undefined : await answer(findInclusion(client, watched, { oldest, newest: head.number, nonce }))
  const included = same ?? (search?.ok ? search.value : undefined)
  return {
    address,
    balanceWei,
    nonce,
    ...(before.ok && { spent: { wei: paid, spanMs: Number(head.number - oldest) * slotMs } }),
    ...(included && { included }),
  }
}
