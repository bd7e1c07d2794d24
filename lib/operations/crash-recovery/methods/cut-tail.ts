import { getBlock } from '../../../chain/block.ts'
import { setHead } from '../../../chain/execution.ts'
import type { BlockId } from '../../../protocol/block.ts'
import type { Head } from '../../../protocol/records.ts'
import { StepWithoutEffectError } from '../errors.ts'
import type { Recovering } from '../ports.ts'
import { proveCopies } from '../prove-copies.ts'
import { restart, without } from './restart.ts'

/**
 * Removes the stored blocks whose state is lost, so that the client executes them when they come
 * again: as long as it has them it calls them valid and executes nothing.
 *
 * Its process is restarted afterwards: an op-geth that came up with its head at genesis and blocks
 * above it is in snap-sync mode, and stays so ("forced head needed for startup").
 *
 * @throws TooDangerousError when nobody else has what would be removed.
 * @throws StepWithoutEffectError when the blocks are still there, or the head fell further than it must.
 */
export async function cutTail(recovering: Recovering, head: Head, latest: BlockId): Promise<string> {
  const { ports, node } = recovering
  await proveCopies(recovering, 'cut-tail', head, latest.number + 1n)
  const { execution } = ports.clients(node)
  return await without(recovering, 'consensus', async () => {
    await ports.port(node).prove?.('execution')
    await setHead(execution, latest.number)
    const [above, now] = await Promise.all([
      getBlock(execution, { number: latest.number + 1n }),
      getBlock(execution, { tag: 'latest' }),
    ])
    if (above) {
      throw new StepWithoutEffectError(node, 'debug_setHead', 'was answered', `block ${above.number} is still stored`)
    }
    if (!ports.host?.(node)) return `cut above block ${now?.number}; not restarted: no host is configured`
    await restart(recovering, 'execution')
    return `cut above block ${now?.number}, execution client restarted`
  })
}
