import type { GateContext } from '../context.ts'
import type { Caller } from '../route.ts'
import { within } from '../within.ts'

/**
 * `conductor_leader`: whether this node may commit. A strongly consistent read of the head, which is
 * what the commit rule looks at too; `false` while there is no head.
 *
 * @throws StoreUnavailableError
 */
export async function leader({ heads, budgetMs }: GateContext, { chain, node }: Caller): Promise<boolean> {
  const head = await within(budgetMs, 'read', chain, () => heads.read(chain))
  return head?.holder === node
}
