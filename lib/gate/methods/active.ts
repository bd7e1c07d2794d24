import type { GateContext } from '../context.ts'
import type { Caller } from '../route.ts'
import { within } from '../within.ts'

/**
 * `conductor_active`: whether blocks are decided here, that is, the chain has a head that a node
 * holds. op-node does not ask this; tools made for op-conductor do.
 *
 * @throws StoreUnavailableError
 */
export async function active({ heads, budgetMs }: GateContext, { chain }: Caller): Promise<boolean> {
  const head = await within(budgetMs, 'read', chain, () => heads.read(chain))
  return head !== undefined && head.leader !== ''
}
