import { getBlock } from '../chain/block.ts'
import type { NodeClient } from '../chain/client.ts'
import { getAccount } from '../chain/execution.ts'
import { answer } from '../chain/failure.ts'
import type { L1Look, Poster, Tip } from '../protocol/l1.ts'
import type { L1Block } from '../protocol/observation.ts'
import { findInclusion, type Watched } from './inclusion.ts'

/** How far is looked back (ms), where the endpoint keeps the state of every block: a little over a day. */
const SPAN_MS = 96_000_000
/** How far where it does not, in blocks: a full node keeps the state of the newest 128. */
const SHORT_SPAN = 120n

/** Who is watched on L1. */
export type Watch = { readonly batcher?: Watched; readonly proposer?: Watched; readonly slotMs: number }

/** What was found of an account, with the nonce it was found at: while that stays, so does the block. */
export type KnownPoster = Poster & { readonly nonce: bigint }

/** A look, and what spares the next one some work. */
export type Looked = {
  readonly look: L1Look
  readonly known: { readonly batcher?: KnownPoster; readonly proposer?: KnownPoster }
}

/**
 * Looks at L1 once: its head, what it has where the tip's origin should be, and the accounts that post.
 * An account whose older state the endpoint does not keep is only told with its balance.
 *
 * @throws when the endpoint does not answer.
 */
export async function observeL1(
  client: NodeClient,
  { batcher, proposer, slotMs }: Watch,
  tip: Tip | undefined,
  known: Looked['known'],
  now: () => number,
): Promise<Looked> {
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
    look: { at: now(), head, ...(tip && { tip: { block: tip, origin: origin ? l1Block(origin) : null } }), ...found },
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
