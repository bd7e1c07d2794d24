import { getBlock } from '../../chain/block.ts'
import { offersSetHead } from '../../chain/execution.ts'
import type { BlockId, Hash } from '../../protocol/block.ts'
import type { Head } from '../../protocol/records.ts'
import { observeNode } from '../backfill/ports.ts'
import type { Abilities } from './choose-remedy.ts'
import { classify, type Damage } from './classify.ts'
import type { Recovering } from './ports.ts'

/** A node's damage, and what is committed. */
export type Examined = { readonly damage: Damage; readonly head: Head }

/** Between two observations: a node that catches up moves within this time. */
const BETWEEN_MS = 1_000

/** Observes a node twice and names its damage. Changes nothing. */
export async function examine({ ports, node, signal }: Recovering): Promise<Examined | undefined> {
  const { heads, chain, clock } = ports
  const asked = await heads.read(chain.id)
  const before = await observeNode(ports, node, asked)
  await clock.sleep(BETWEEN_MS, signal)
  const now = await observeNode(ports, node, asked)
  const head = await heads.readWithPayload(chain.id)
  if (!head || !asked) return undefined
  const latest = now.execution.ok ? now.execution.value.latest : undefined
  const committed = latest && (await committedAt({ ports, node }, head, latest))
  return { head, damage: classify({ before, now, head: asked, committed }) }
}

/**
 * The committed hash at a block's height: the head's own, or the answer of at least one other node that has the
 * committed head. `undefined` = unknown.
 */
async function committedAt(
  { ports, node }: Pick<Recovering, 'ports' | 'node'>,
  head: BlockId,
  { number }: BlockId,
): Promise<Hash | undefined> {
  if (number === head.number) return head.hash
  if (number > head.number) return undefined
  for (const peer of ports.nodes) {
    if (peer.name === node) continue
    const { execution } = ports.clients(peer.name)
    const [top, there] = await Promise.all([
      getBlock(execution, { number: head.number }).catch(() => null),
      getBlock(execution, { number }).catch(() => null),
    ])
    if (there && top?.hash === head.hash) return there.hash
  }
  return undefined
}

/** Determines which remedies are possible on a node. Changes nothing. */
export async function findAbilities(recovering: Recovering, { damage }: Examined): Promise<Abilities> {
  const { ports, node } = recovering
  const { execution, engine } = ports.clients(node)
  const consensus = await observeNode(ports, node)
  const host = ports.host?.(node)
  return {
    host: host !== undefined,
    restore: host?.offers?.('restore-execution') === true,
    empty: host !== undefined && host.offers?.('empty-execution') !== false,
    setHead: damage.kind !== 'execution-down' && (await offersSetHead(execution).catch(() => false)),
    fillable: consensus.consensus.ok || engine !== undefined,
  }
}
