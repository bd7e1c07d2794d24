import { observeNode } from '../../backfill/observe-node.ts'
import { planBackfill } from '../../backfill/plan.ts'
import { runBackfill } from '../../backfill/run.ts'
import { TooDangerousError } from '../errors.ts'
import type { Recovering } from '../ports.ts'

/**
 * Gives the node the committed blocks it lacks, oldest first; every payload is proved before (see
 * lib/backfill). Through op-node while that answers; through the engine only when it is gone.
 *
 * @throws TooDangerousError when op-node is silent: it may still move the forkchoice.
 */
export async function fill({ ports, node, actor, signal, onProgress }: Recovering): Promise<string> {
  const { consensus } = await observeNode(ports, node)
  if (!consensus.ok && consensus.failure !== 'refused') {
    throw new TooDangerousError(node, 'fill', `its op-node may be alive (${consensus.message})`)
  }
  const plan = await planBackfill(ports, { node, through: consensus.ok ? 'consensus' : 'engine' })
  const { blocks, at, given, outcome } = await runBackfill(ports, plan, { actor, signal, onProgress })
  const from = Object.entries(given).map(([source, count]) => `${source} ${count}`)
  return `${outcome}: ${blocks} blocks up to ${at.number}${from.length > 0 ? ` (${from.join(', ')})` : ''}`
}
